/** How answers are written: by their schemas, made when a route is first asked. Most routes of a server never are. */
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'

type Factory = ReturnType<typeof SerializerSelector>

/** Makes the writers of an application, as fastify asks for them. */
export function serializerFactory(): Factory {
  const select = SerializerSelector()
  return (shared, options) => {
    const compile = select(shared, options)
    return (route) => {
      let write: ReturnType<typeof compile> | undefined
      return (value: unknown) => (write ??= compile(route))(value)
    }
  }
}
