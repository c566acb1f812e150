// Preloaded into child processes: the TypeORM of the variant under test stands where `typeorm` is imported.
const Module = require('node:module')
if (process.env.SHARDYARD_TYPEORM === '0.3') {
  const resolve = Module._resolveFilename
  Module._resolveFilename = function (request, ...rest) {
    return resolve.call(this, request.replace(/^typeorm(?=$|\/)/, 'typeorm03'), ...rest)
  }
}
require('reflect-metadata')
