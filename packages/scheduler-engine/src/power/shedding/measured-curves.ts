import { type CapCurve, type SeenDraw, seenCurve, unseenHeld } from "@ertis/power-planning";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import { learnedDraws } from "./learned-draws.ts";
import type { ShedContext, ShedMember } from "./shed-jobs.ts";
import { type ToMeasure, toldUnder } from "./told-under.ts";

/**
 * Jobs with their draw as it was measured: each its own where a steering has learned it (from ten minutes before its
 * start on), also that of another one over it: what floors take counts as what targets leave. The others all
 * by what the innermost domain over them that is planned for draws less than they and its bounds would,
 * unless its steering is to learn them: who takes no caps it never does.
 *
 * @param group the planned curtailments that are planned for together
 */
export function asMeasured(
  context: ShedContext,
  members: readonly ShedMember[],
  { group, ...measure }: ToMeasure & { readonly group: readonly CurtailmentRecord[] },
): readonly ShedMember[] {
  const learned = learnedDraws(context, members);
  const told = innerFirst(context, group).map((record) =>
    toldUnder({ ...context, record }, { ...measure, members, learned }),
  );
  const curves = new SeenCurves();
  return members.map((member, at) => {
    const ratio = told.find(({ isOver }) => isOver(member))?.ratioOf(member) ?? 1;
    return curves.seen(member, learned[at] ?? seenNow(member, ratio));
  });
}

/** Those that are planned for together, inner ones first; else the one that is meant. */
function innerFirst(
  { site, record }: ShedContext,
  group: readonly CurtailmentRecord[],
): readonly CurtailmentRecord[] {
  const at = ({ curtailment: { domain } }: CurtailmentRecord): number =>
    site.domainIndexById.get(domain) ?? -1;
  const all = group.length > 0 ? group : [record].filter((one) => one !== undefined);
  // Children stand after their parents.
  return all.toSorted((a, b) => at(b) - at(a));
}

/** Jobs of a class share their curve, and what is known of it. */
class SeenCurves {
  readonly #known = new Map<CapCurve, Map<string, CapCurve>>();

  seen(member: ShedMember, draw: SeenDraw): ShedMember {
    const { shed } = member;
    return draw.ratio === 1
      ? member
      : {
          ...member,
          shed: { ...shed, curve: this.#of(shed.curve, draw) },
        };
  }

  #of(curve: CapCurve, seen: SeenDraw): CapCurve {
    const key = `${seen.ratio} ${seen.capWatts} ${seen.heldRatio ?? ""}`;
    const known = this.#known.get(curve) ?? new Map<string, CapCurve>();
    const found = known.get(key) ?? seenCurve(curve, seen);
    this.#known.set(curve, known.set(key, found));
    return found;
  }
}

/**
 * What is seen of it under the cap that it has. Whether a lower one saves anything before it is below that draw nobody
 * knows: a cap that holds a GPU back leaves nearly all of itself.
 */
function seenNow({ shed }: ShedMember, ratio: number): SeenDraw {
  return { ratio, capWatts: shed.capNowWatts, heldRatio: unseenHeld(ratio) };
}
