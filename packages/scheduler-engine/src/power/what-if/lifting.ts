import { assert } from "../../state/assert.ts";
import type { Attempt } from "../../state/job.ts";
import { noAttemptsOnNode, type SiteState } from "../../state/site-state.ts";
import { refreshCut } from "../../state/caps.ts";
import { refreshNode } from "../ledger.ts";

/** Attempts that are lifted off their nodes one by one. */
class Lifting {
  readonly #site: SiteState;
  /** What stood on the nodes of each lifted attempt. */
  readonly #lifted = new Set<Attempt>();

  constructor(site: SiteState) {
    this.#site = site;
  }

  lift(attempt: Attempt): void {
    assert(!this.#lifted.has(attempt), "an attempt is lifted once");
    this.#lifted.add(attempt);
    for (const node of attempt.heldNodes) {
      this.#change(attempt, node, -1);
    }
  }

  putBack(attempt: Attempt): void {
    assert(this.#lifted.delete(attempt), "only what was lifted is put back");
    for (const node of attempt.heldNodes) {
      this.#change(attempt, node, 1);
    }
  }

  putAllBack(): void {
    for (const attempt of Array.from(this.#lifted)) {
      this.putBack(attempt);
    }
  }

  #change(attempt: Attempt, node: number, sign: 1 | -1): void {
    const site = this.#site;
    const mask = attempt.placement.gpuMasks[attempt.placement.nodes.indexOf(node)] ?? 0;
    site.gpuMaskHeld[node] = (site.gpuMaskHeld[node] ?? 0) ^ mask;
    site.gpusHeld[node] = (site.gpusHeld[node] ?? 0) + sign * attempt.gpusPerNode;
    const there = site.attemptsOnNode[node] ?? noAttemptsOnNode;
    const rest =
      sign === -1
        ? there.filter((one) => one !== attempt)
        : [...there, attempt].toSorted(
            (a, b) => a.job - b.job || a.task - b.task || a.attempt - b.attempt,
          );
    site.attemptsOnNode[node] = rest.length === 0 ? noAttemptsOnNode : rest;
    refreshCut(site, node);
    refreshNode(site, node);
  }
}

/** Asks with attempts lifted off their nodes. All of them are put back to the bit. */
export function withLifting<T>(site: SiteState, ask: (lifting: Lifting) => T): T {
  const lifting = new Lifting(site);
  try {
    return ask(lifting);
  } finally {
    lifting.putAllBack();
  }
}

export type { Lifting };
