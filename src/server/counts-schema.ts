import { COUNT } from './schemas.js'

/** How many records had each outcome. */
export const COUNTS = {
  type: 'object',
  required: ['accepted', 'rejected', 'duplicate', 'blank', 'header'],
  properties: { accepted: COUNT, rejected: COUNT, duplicate: COUNT, blank: COUNT, header: COUNT },
} as const
