/** How the process ends; documented in the README. */
export const exitCodes = {
  unexpected: 1,
  usage: 2,
  addressInUse: 3,
  dataDirectory: 4,
  logLocked: 5,
  logCorrupt: 6,
  logNewer: 7,
  diskFull: 8,
  siteRefused: 9,
  clusterFailed: 10,
  stoppedByItself: 11,
} as const;

/** The server cannot start or go on: one line of what is wrong, one of what to do. */
export class StartProblem extends Error {
  override readonly name = "StartProblem";
  readonly exitCode: number;
  readonly advice: string;

  constructor(
    kind: keyof typeof exitCodes,
    message: string,
    advice: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.exitCode = exitCodes[kind];
    this.advice = advice;
  }
}

/** Two lines for the terminal. */
export function sayProblem(error: unknown): { readonly text: string; readonly exitCode: number } {
  if (error instanceof StartProblem) {
    return { text: `error: ${error.message}\n  → ${error.advice}\n`, exitCode: error.exitCode };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `error: ${text}\n`, exitCode: exitCodes.unexpected };
}
