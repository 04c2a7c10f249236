import { exitCodes, OperationProblem } from "../problem.ts";
import type { ExitCode } from "../problem.ts";

/** What stands before an `up` of the production profile. */
export interface FirstLook {
  /** `--yes`: nobody is asked. The preview is never left out. */
  readonly isAnswered: boolean;
  /** Whether somebody sits there to answer. */
  readonly canAsk: boolean;
  /** All stacks, with the policy pack. */
  readonly preview: () => Promise<ExitCode>;
  readonly ask: () => Promise<string>;
}

/**
 * Previews, then asks. Rules about whole stacks look at their end, which in an `up` is when everything is
 * made already: only a preview lets them stop anything.
 */
export async function lookFirst({ isAnswered, canAsk, preview, ask }: FirstLook): Promise<void> {
  if (!isAnswered && !canAsk) {
    throw new OperationProblem(
      "usage",
      "up asks before it changes anything, and there is nobody to answer",
      "look at npm run preview, then run: npm run up -- --yes",
    );
  }
  if ((await preview()) !== exitCodes.ok) {
    throw new OperationProblem(
      "failed",
      "the preview failed, so nothing was begun",
      "put right what it says",
    );
  }
  if (!isAnswered && (await ask()).trim() !== "yes") {
    throw new OperationProblem("interrupted", "nothing was changed", "");
  }
}
