/** Where a row or a statement goes. Routing answers with one of these and nothing else. */
export type Route = {
  readonly kind: 'one'
  readonly database: string
  /** Who decided: the name of a router, or the placement table. */
  readonly decidedBy: string
}
