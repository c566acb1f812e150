/** Thrown when the load has told its threads to stop. */
export class Stopped extends Error {}
