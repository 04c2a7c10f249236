import type { AttemptKey, AttemptStarted, Event } from "@ertis/scheduler-engine";
import type { HeldAttempt, SiteBook } from "./site-book.ts";
import { keyText, type Report } from "./violation.ts";

type CapAcknowledged = Extract<Event, { readonly kind: "cap-acknowledged" }>;

/** Which attempt holds which GPUs under which caps: each GPU is held once, and let go once. */
export class Holdings {
  readonly #book: SiteBook;
  readonly #report: Report;
  readonly #held = new Map<string, HeldAttempt>();

  constructor(book: SiteBook, report: Report) {
    this.#book = book;
    this.#report = report;
  }

  get count(): number {
    return this.#held.size;
  }

  find(key: AttemptKey): HeldAttempt | undefined {
    return this.#held.get(keyText(key));
  }

  start({ attempt: key, placement }: AttemptStarted): void {
    const masks = new Map(
      placement.nodes.map((node, at) => [node, placement.gpuMasks[at] ?? 0] as const),
    );
    const held: HeldAttempt = {
      key,
      gpuCount: bitsIn(placement.gpuMasks[0] ?? 0),
      masks,
      sent: [placement.capWatts],
      acknowledged: new Map(),
    };
    for (const [node, mask] of masks) {
      if (this.#book.isOff[node] === true) {
        this.#report("placement", `${keyText(key)} is placed on node ${node}, which is off`);
      }
      for (const other of this.#book.holds[node] ?? []) {
        if (((other.masks.get(node) ?? 0) & mask) !== 0) {
          this.#report(
            "placement",
            `${keyText(key)} gets GPUs of node ${node} that ${keyText(other.key)} holds`,
          );
        }
      }
      this.#book.holds[node]?.add(held);
      this.#book.touch(node);
    }
    this.#held.set(keyText(key), held);
  }

  release(key: AttemptKey, nodes: readonly number[]): void {
    const held = this.#held.get(keyText(key));
    if (held === undefined) {
      this.#report("conservation", `${keyText(key)} lets go of nodes it does not hold`);
      return;
    }
    for (const node of nodes.length === 0 ? held.masks.keys() : nodes) {
      this.#book.holds[node]?.delete(held);
      this.#book.touch(node);
    }
    const isOver = [...held.masks.keys()].every(
      (node) => this.#book.holds[node]?.has(held) !== true,
    );
    if (isOver) {
      this.#held.delete(keyText(key));
    }
  }

  setCap(key: AttemptKey, capWatts: number): void {
    const held = this.find(key);
    held?.sent.push(capWatts);
    this.#touch(held);
  }

  acknowledge(event: CapAcknowledged): void {
    const held = this.#held.get(keyText(event.attempt));
    const at = held?.sent.lastIndexOf(event.capWatts) ?? -1;
    if (held === undefined || at === -1) {
      this.#report(
        "cap",
        `${keyText(event.attempt)} acknowledges ${event.capWatts} W, which was never sent`,
      );
      return;
    }
    for (const node of event.nodes.length === 0 ? held.masks.keys() : event.nodes) {
      held.acknowledged.set(node, Math.max(held.acknowledged.get(node) ?? 0, at));
    }
    this.#touch(held);
  }

  /** Nothing follows that could let nodes go. */
  finish(): void {
    if (this.#held.size > 0) {
      this.#report("conservation", `${this.#held.size} attempts still hold nodes at the end`);
    }
  }

  #touch(held: HeldAttempt | undefined): void {
    for (const node of held?.masks.keys() ?? []) {
      this.#book.touch(node);
    }
  }
}

function bitsIn(mask: number): number {
  let rest = mask;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) {
    count += 1;
  }
  return count;
}
