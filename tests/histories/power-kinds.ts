import type { Event } from "@ertis/scheduler-engine";

/** Histories of caps, curtailments, accounts and ramps are told by their names. */
export function isOfPower(file: string): boolean {
  return file.endsWith("-power.jsonl");
}

/** What a history of watts has to hold; a recording without one of them is thrown away. */
export const kindsOfPower: readonly Event["kind"][] = [
  "accounts-set",
  "attempt-checkpointed",
  "cap-acknowledged",
  "cap-set",
  "curtailment-cancelled",
  "curtailment-ended",
  "curtailment-scheduled",
  "draw-measured",
  "job-paused",
  "job-resumed",
  "needs-learned",
  "node-powered-off",
  "node-returned",
  "node-sleep-requested",
  "reservation-made",
  "restarted",
  "supply-back",
  "supply-lost",
];
