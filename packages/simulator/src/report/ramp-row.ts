import { type StepCause, stepCauses } from "../check/ramp-check.ts";
import type { RampOutcome } from "./ramp-outcome.ts";
import type { Row } from "./row.ts";
import { secondsText, wattsText } from "../words/words.ts";

const causeNames: Readonly<Record<StepCause, string>> = {
  planned: "planned",
  emergency: "in an emergency",
  "late-answer": "nodes that answered late",
  "too-large": "steps too large for any ramp",
  due: "walltimes and drains",
  end: "ends that came by surprise",
  other: "nodes that came or went",
};

/** The draw; of a limit, also for how long bounds passed it and through what. */
export function rampRow({
  id,
  limitWatts,
  perMs,
  windowMs,
  drawn,
  bounds,
  overCounts,
}: RampOutcome): Row {
  const per = perMs === 60_000 ? "a minute" : perMs === 1_000 ? "a second" : `in ${perMs} ms`;
  const steepest = `+${wattsText(drawn.upWatts)} and −${wattsText(drawn.downWatts)} ${per}`;
  const name = `steepest ramp at ${id}`;
  if (limitWatts === undefined || bounds === undefined) {
    return { name, text: steepest };
  }
  const causes = stepCauses.flatMap((cause) => {
    const count = overCounts[cause] ?? 0;
    return count === 0 ? [] : [`${count} ${causeNames[cause]}`];
  });
  const passed =
    bounds.overMs === 0
      ? "never passed by bounds"
      : `passed by bounds for ${secondsText(bounds.overMs / 1_000)} (${causes.join(", ")})`;
  return {
    name,
    text: `${steepest}; limit ${wattsText(limitWatts)} on means over ${secondsText(windowMs / 1_000)}, ${passed}`,
  };
}
