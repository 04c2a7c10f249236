import type { BoundScore } from "../check/estimates.ts";
import type { Outcome } from "./outcome.ts";
import type { Row } from "./row.ts";
import { countText, secondsText } from "../words/words.ts";

/** Earliest starts that `why` told at the submit: who waits starts then or later, unless others end early. */
export function estimateRows({ estimates }: Outcome): readonly Row[] {
  const { askedCount, boundedCount, any, fullPower, capped, estimated, falsePromiseCount } =
    estimates;
  return [
    {
      name: "jobs told an earliest start",
      text: `${countText(boundedCount)} of ${countText(askedCount)} that had to wait`,
    },
    { name: "started later than told (median, p95)", text: laterText(any), ...valueOf(any) },
    { name: "started earlier, as others ended early", text: earlierText(any) },
    { name: "at full power: later than told for that", text: laterText(fullPower) },
    { name: "at a cap: later than told for that cap", text: laterText(capped) },
    { name: "behind a promised start: later than told", text: laterText(estimated) },
    { name: "behind a promised start: earlier than told", text: earlierText(estimated) },
    {
      name: "told of a kept start that nobody promised",
      text: countText(falsePromiseCount),
      isBad: falsePromiseCount > 0,
    },
  ];
}

function valueOf({ startedCount, earlierCount, laterSeconds }: BoundScore): Partial<Row> {
  return startedCount > earlierCount ? { value: laterSeconds.median } : {};
}

function laterText({ startedCount, earlierCount, laterSeconds }: BoundScore): string {
  const count = startedCount - earlierCount;
  return count === 0
    ? "none"
    : `${countText(count)}: ${secondsText(laterSeconds.median)}, ${secondsText(laterSeconds.p95)}`;
}

function earlierText({ earlierCount, earlierSeconds }: BoundScore): string {
  return earlierCount === 0
    ? "none"
    : `${countText(earlierCount)}: ${secondsText(earlierSeconds.median)}, ${secondsText(earlierSeconds.p95)}`;
}
