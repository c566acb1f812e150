import type { WireReader, WireWriter } from './wire'

/** The requests that the broker knows: their numbers, and the one version of each (ApiVersions has three). */
export const APIS = {
  Produce: { key: 0, version: 3 },
  Fetch: { key: 1, version: 4 },
  ListOffsets: { key: 2, version: 2 },
  Metadata: { key: 3, version: 4 },
  OffsetCommit: { key: 8, version: 3 },
  OffsetFetch: { key: 9, version: 3 },
  FindCoordinator: { key: 10, version: 1 },
  JoinGroup: { key: 11, version: 2 },
  Heartbeat: { key: 12, version: 1 },
  LeaveGroup: { key: 13, version: 1 },
  SyncGroup: { key: 14, version: 1 },
  DescribeGroups: { key: 15, version: 1 },
  ApiVersions: { key: 18, version: 2 },
  CreateTopics: { key: 19, version: 1 },
} as const

export type ApiName = keyof typeof APIS

/** Kafka's error codes, as far as they are used. */
export const ERRORS = {
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeaderForPartition: 6,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  illegalGeneration: 22,
  inconsistentGroupProtocol: 23,
  unknownMemberId: 25,
  rebalanceInProgress: 27,
  topicAuthorizationFailed: 29,
  groupAuthorizationFailed: 30,
  unsupportedVersion: 35,
  topicAlreadyExists: 36,
} as const

/** One request as a handler gets it. */
export interface Request {
  readonly body: WireReader
  readonly clientId: string
  readonly version: number
  /** The error code that a test wants to be answered; nothing is done then. 0 for none. */
  readonly fault: number
}

/** Answers a request of one kind; what it returns is the body of the response. */
export type Handler = (request: Request) => WireWriter | Promise<WireWriter>
