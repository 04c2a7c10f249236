import type { Reply } from "@ertis/scheduler-engine";
import type { Request } from "../control/controller.ts";

const refusalsKeptMax = 10;

/** What the scheduler refused: the first in its words, the others by number. */
export class Refusals {
  count = 0;
  readonly messages: string[] = [];

  hear(request: Request, reply: Reply | undefined): void {
    if (reply?.kind === "rejected") {
      this.#add(`${request.kind}: ${reply.message}`);
    } else if (reply?.kind === "submitted") {
      for (const result of reply.results) {
        if (result.kind === "rejected") {
          this.#add(`submit: ${result.message}`);
        }
      }
    }
  }

  #add(message: string): void {
    this.count += 1;
    if (this.messages.length < refusalsKeptMax) {
      this.messages.push(message);
    }
  }
}
