import { stackNeeds } from "@ertis/provisioning-model";
import type { SiteMode, StackName } from "@ertis/provisioning-model";
import type { StackEntry } from "./stack-list.ts";

/** Names of the stacks that must have ended before one begins. Those that do not run with it do not count. */
export type WaitsFor = (entry: StackEntry) => readonly string[];

/** Up: a stack comes after those whose outputs it reads, and theirs. */
export const afterNeeds: WaitsFor = (entry) => {
  const mode = entry.of.kind === "registered" ? "registered" : "provisioned";
  return allNeeds(entry, mode).map(({ project, stack }) => `${project}/${stack}`);
};

/** What is needed by way of a stack that does not run is needed still. */
function allNeeds(stack: StackName, mode: SiteMode): readonly StackName[] {
  return stackNeeds(stack, mode).flatMap((need) => [need, ...allNeeds(need, mode)]);
}

/** Down: a stack goes after those that read its outputs. */
export function afterReaders(entries: readonly StackEntry[]): WaitsFor {
  return ({ name }) =>
    entries.filter((other) => afterNeeds(other).includes(name)).map((other) => other.name);
}

/** Stacks that are only looked at wait for none. */
export const inAnyOrder: WaitsFor = () => [];

/** Hands out each stack once, as soon as all it waits for has ended; the first in the list first. */
export class StackQueue {
  readonly #pending: StackEntry[];
  readonly #running = new Set<string>();
  readonly #waitsFor: WaitsFor;
  #changed = Promise.withResolvers<void>();

  constructor(entries: readonly StackEntry[], waitsFor: WaitsFor) {
    this.#pending = [...entries];
    this.#waitsFor = waitsFor;
  }

  /** Undefined once all have been handed out. */
  async take(): Promise<StackEntry | undefined> {
    while (this.#pending.length > 0) {
      const open = new Set([...this.#running, ...this.#pending.map(({ name }) => name)]);
      const index = this.#pending.findIndex((entry) =>
        this.#waitsFor(entry).every((name) => !open.has(name)),
      );
      const [entry] = index === -1 ? [] : this.#pending.splice(index, 1);
      if (entry !== undefined) {
        this.#running.add(entry.name);
        return entry;
      }
      if (this.#running.size === 0) {
        throw new Error("stacks wait for each other in a circle");
      }
      await this.#changed.promise;
    }
    return undefined;
  }

  end({ name }: StackEntry): void {
    this.#running.delete(name);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
