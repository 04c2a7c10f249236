import type { Event } from "@ertis/scheduler-engine";

/** Nodes that fail, and clusters that go away. A node that is tried since it did not wake, and does not again, fails nobody. */
export class Failures {
  readonly #lostNodes = new Set<string>();

  observe(event: Event): boolean {
    if (event.kind === "node-returned" && event.wake !== "tried") {
      this.#lostNodes.delete(nodeOf(event));
    }
    const isLost = event.kind === "node-lost" && !this.#lostNodes.has(nodeOf(event));
    if (isLost) {
      this.#lostNodes.add(nodeOf(event));
    }
    return isLost || event.kind === "site-away";
  }
}

function nodeOf({ site, node }: { readonly site: string; readonly node: number }): string {
  return `${site} ${node}`;
}
