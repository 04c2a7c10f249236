import type { Reply } from "@ertis/scheduler-engine";
import type { Request } from "../control/controller.ts";

const refusalsKeptMax = 10;

export interface Refusal {
  readonly atMs: number;
  readonly message: string;
}

/** What the scheduler refused, and when: the first in its words, the others by number. */
export class Refusals {
  count = 0;
  /** Of them jobs; the others are orders of the events. */
  jobCount = 0;
  readonly first: Refusal[] = [];

  hear(request: Request, reply: Reply | undefined, nowMs: number): void {
    if (reply?.kind === "rejected") {
      this.#add(`${nameOf(request)}: ${reply.message}`, nowMs);
    } else if (reply?.kind === "submitted" && request.kind === "submit-jobs") {
      reply.results.forEach((result, index) => {
        if (result.kind === "rejected") {
          const name = request.items[index]?.spec.name ?? "";
          this.jobCount += 1;
          this.#add(`job ${name} of ${request.owner}: ${result.message}`, nowMs);
        }
      });
    }
  }

  #add(message: string, nowMs: number): void {
    this.count += 1;
    if (this.first.length < refusalsKeptMax) {
      this.first.push({ atMs: nowMs, message });
    }
  }
}

/** As the events file calls it. */
function nameOf(request: Request): string {
  switch (request.kind) {
    case "schedule-curtailment":
      return `curtailment ${request.curtailment.id}`;
    case "cancel-curtailment":
      return `cancel of curtailment ${request.id}`;
    case "set-budget":
      return `budget ${request.budget.id}`;
    default:
      return request.kind;
  }
}
