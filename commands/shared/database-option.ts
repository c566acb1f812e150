/** The option of commands that may be for some databases only: `--database users --database orders`. */
export const DATABASE_OPTION = {
  database: {
    type: 'string',
    describe: 'only this database; may be given several times',
    requiresArg: true,
    // One name comes as a text, several as a list.
    coerce: (given: string | readonly string[] | undefined) => (given === undefined ? undefined : [given].flat()),
  },
} as const

/** The library's options for what was given. */
export function databasesOf(argv: { readonly database?: readonly string[] | undefined }): {
  databases?: readonly string[]
} {
  return argv.database === undefined ? {} : { databases: argv.database }
}
