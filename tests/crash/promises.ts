import type { JobRequest, SubmitEntry, SubmitOutcome } from "@ertis/client";

/** What the client of a crash test was told, kept outside of every process that dies. */
export class Promises {
  /** Request id → job id of everything acknowledged. */
  readonly acknowledged: Map<string, string> = new Map();
  /** Submitted, and nobody knows whether it was taken: to be asked again with the same id. */
  readonly maybe: Map<string, SubmitEntry> = new Map();
  /** Every entry ever sent, to be sent again as it was. */
  readonly sent: Map<string, SubmitEntry> = new Map();
  /** Job ids whose cancellation was acknowledged. */
  readonly cancelled: Set<string> = new Set();
  /** Broken promises that showed in the answers themselves. */
  readonly broken: string[] = [];
  /** Repeats of an acknowledged request that were answered as such. */
  repeatCount = 0;
  /** Requests of unknown outcome that a repeat showed to have been taken, and to have been lost. */
  maybeTakenCount = 0;
  maybeLostCount = 0;

  note(entry: SubmitEntry, outcome: SubmitOutcome): void {
    const { requestId } = outcome;
    if (outcome.kind === "refused") {
      this.broken.push(`${requestId} was refused: ${JSON.stringify(outcome.rejection)}`);
      return;
    }
    const before = this.acknowledged.get(requestId);
    if (outcome.kind === "failed") {
      if (before === undefined) {
        this.maybe.set(requestId, entry);
      }
      return;
    }
    if (before !== undefined) {
      this.repeatCount += 1;
      if (before !== outcome.jobId || outcome.isNew) {
        this.broken.push(
          `${requestId} was job ${before} and is now ${outcome.isNew ? "a new job " : ""}${outcome.jobId}`,
        );
      }
    } else if (this.maybe.has(requestId)) {
      this.maybeTakenCount += outcome.isNew ? 0 : 1;
      this.maybeLostCount += outcome.isNew ? 1 : 0;
    }
    this.acknowledged.set(requestId, outcome.jobId);
    this.maybe.delete(requestId);
  }

  /** How a job has to end, when nobody asked for its cancellation. */
  endOf(requestId: string): "succeeded" | "failed" {
    const outcome = envOf(this.sent.get(requestId)?.spec).get("ERTIS_SIM_OUTCOME");
    return outcome === "succeeded" ? "succeeded" : "failed";
  }
}

function envOf(spec: JobRequest | undefined): ReadonlyMap<string, string> {
  return spec?.env ?? new Map();
}
