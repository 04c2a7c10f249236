import type { Entry, Event } from "@ertis/scheduler-engine";
import type { World } from "./world.ts";

/** What a checker is told at one event. `index` is its position in the entry, from 0. */
export interface Moment {
  readonly world: World;
  readonly entry: Entry;
  readonly index: number;
  readonly report: (message: string, domain?: string) => void;
}

/** One promise. Sees the world before and after every event, and after every entry. */
export interface Checker {
  readonly property: string;
  before?(event: Event, moment: Moment): void;
  after?(event: Event, moment: Moment): void;
  entryEnd?(moment: Omit<Moment, "index">): void;
}

export function keyText(key: { job: number; task: number; attempt: number }): string {
  return `job ${key.job} task ${key.task} attempt ${key.attempt}`;
}
