import type { Horizon, Pool } from "../state/site-state.ts";
import type { GangSize } from "./earliest.ts";
import { mayHold } from "./room.ts";

const notAsked = 0;
const holds = 1;
const isFull = 2;

/**
 * Below which domains a node of a gang may have its watts, from the least that one grows by: where most of a site is
 * full, most of its nodes are passed over without a look. Kept from question to question, while no watts are freed.
 */
export class HoldingDomains {
  readonly #wanted: Parameters<typeof mayHold>[0];
  readonly #answers: Uint8Array;

  constructor(
    pool: Pool,
    gang: GangSize,
    { ledger, untilMs }: { readonly ledger: readonly Horizon[]; readonly untilMs: number },
  ) {
    this.#wanted = { ...gang, pool, ledger, holdsUntilMs: untilMs, mayUseKept: true };
    this.#answers = new Uint8Array(pool.site.parent.length);
  }

  /** False: the node surely has no room, by the watts of its domain or of one above it. */
  mayHoldOn(node: number): boolean {
    const { site } = this.#wanted.pool;
    // What is promised there is counted already: the node may grow by less than any other.
    return site.reservationOfNode[node] !== undefined || this.#holds(site.nodeDomain[node] ?? 0);
  }

  #holds(domain: number): boolean {
    let answer = this.#answers[domain] ?? notAsked;
    if (answer === notAsked) {
      const parent = this.#wanted.pool.site.parent[domain] ?? -1;
      const isOpen = (parent < 0 || this.#holds(parent)) && mayHold(this.#wanted, domain, 1);
      answer = isOpen ? holds : isFull;
      this.#answers[domain] = answer;
    }
    return answer === holds;
  }
}
