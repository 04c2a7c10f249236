import { Refusal } from "../mapping/refusal.ts";

/** What a call answers whose rules the engine does not have yet. */
export async function answerNotYet(what: string): Promise<Refusal> {
  return new Refusal("SCHEDULER_UNAVAILABLE", `${what}: this server cannot do that yet`);
}
