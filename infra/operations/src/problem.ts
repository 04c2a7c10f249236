/** How a command ends; documented in the README. */
export const exitCodes = {
  ok: 0,
  /** A stack failed, or policy stopped it. */
  failed: 1,
  /** An object differs from what its stack wrote. */
  drift: 2,
  /** Wrong words, flags or files; nothing was touched. */
  usage: 64,
  /** Something that is needed is absent: a program, a cluster, a backend. */
  unavailable: 69,
  /** Another run holds the stack. */
  busy: 75,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An expected refusal: what is wrong, and what to do. Printed without a stack trace. */
export class OperationProblem extends Error {
  override readonly name = "OperationProblem";
  readonly exitCode: ExitCode;
  readonly advice: string;

  constructor(kind: keyof typeof exitCodes, message: string, advice: string) {
    super(message);
    this.exitCode = exitCodes[kind];
    this.advice = advice;
  }
}

/** What the terminal shows of an error, and how the process ends. */
export function sayProblem(error: unknown): { readonly text: string; readonly exitCode: number } {
  if (error instanceof OperationProblem) {
    const advice = error.advice === "" ? "" : `  → ${error.advice.replaceAll("\n", "\n    ")}\n`;
    return { text: `error: ${error.message}\n${advice}`, exitCode: error.exitCode };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `error: ${text}\n`, exitCode: exitCodes.failed };
}
