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

export const diskFullAdvice =
  "free some space on that file system and start again; nothing that was acknowledged is lost";

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

/** No space (a server that stopped over it names the error in its words), or no more of this person's share of it: anywhere beneath an error. */
export function isDiskFull(error: unknown): boolean {
  for (let each = error, depth = 0; each instanceof Error && depth < 8; each = each.cause) {
    const code = "code" in each ? each.code : undefined;
    if (
      each.name === "LogDiskFull" ||
      /: LogDiskFull: |disk of the scheduler is full/.test(each.message) ||
      code === "ENOSPC" ||
      code === "EDQUOT"
    ) {
      return true;
    }
    depth += 1;
  }
  return false;
}

/** Two lines for the terminal. */
export function sayProblem(error: unknown): { readonly text: string; readonly exitCode: number } {
  if (error instanceof StartProblem) {
    return { text: `error: ${error.message}\n  → ${error.advice}\n`, exitCode: error.exitCode };
  }
  if (isDiskFull(error)) {
    const where = error instanceof Error && "path" in error ? ` for ${String(error.path)}` : "";
    return {
      text: `error: no space left${where}\n  → ${diskFullAdvice}\n`,
      exitCode: exitCodes.diskFull,
    };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `error: ${text}\n`, exitCode: exitCodes.unexpected };
}
