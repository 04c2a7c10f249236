import { toNumber } from "@ertis/quantities";
import type { Checker } from "../checker.ts";

/** One request id makes one job for as long as it is remembered: in age, and bounded in count. */
export function requestIdChecker(): Checker {
  return {
    property: "request-ids",
    before(event, { world, report }) {
      if (event.kind === "jobs-submitted") {
        const seen = new Set<string>();
        for (const { requestId } of event.items) {
          const before = world.requests.get(requestId);
          if (before !== undefined || seen.has(requestId)) {
            report(`request id ${requestId} stands for job ${before?.job ?? "in this batch"}`);
          }
          seen.add(requestId);
        }
      }
      if (event.kind === "request-ids-forgotten") {
        const { requestIdAgeMax, requestIdsMax } = world.limits;
        let position = 0;
        for (const one of world.requests.values()) {
          if (position === event.count) {
            break;
          }
          const isOld = world.nowMs - one.acceptedAtMs >= toNumber(requestIdAgeMax);
          if (!isOld && world.requests.size - position <= requestIdsMax) {
            report(`request id ${one.requestId} is forgotten too early`);
          }
          position += 1;
        }
      }
    },
  };
}
