import {
  defaultSteerSettings,
  drawAt,
  type IdleNode,
  type SeenDraw,
  seenCurve,
  seenMostWatts,
} from "@ertis/power-planning";
import { isOneOfMany } from "./learned-draws.ts";
import type { ShedMember } from "./shed-jobs.ts";

/** Steps of a ratio, upwards: what one minute differs from the next is no reason for another plan. */
const stepsPerOne = 100;
/** The least that jobs without a need of their own are taken to draw of their curves: some may only wait. */
const ratioMin = 0.8;
/** Of what is measured so much may be noise: no curve is believed to be passed for it. */
const noiseShare = defaultSteerSettings.priorNoiseShare;

interface Measured {
  readonly domain: number;
  readonly measuredScaled: number;
  /** Bounds of all that is neither a job of the problem nor an idle node. */
  readonly besideScaled: number;
  /** Without those that came back meanwhile: their watts are not in all that was measured, and may go off again. */
  readonly idleNodes: readonly IdleNode[];
  /** Whose own draw is known is none of those that a common ratio is to tell. */
  readonly learned: readonly (SeenDraw | undefined)[];
  readonly isSteady: (member: ShedMember) => boolean;
  /** Is nothing in what was measured that is over by now? */
  readonly isAllSteady: boolean;
}

/** What steady jobs draw of their curves. */
export interface CommonRatio {
  readonly ofAll: number;
  /** Of those that give nothing: what they surely draw, since nobody else can. */
  readonly ofFixed: number;
  /** Nothing was measured that is over by now, and nobody began meanwhile. */
  readonly isAllSteady: boolean;
}

/**
 * All that is measured less than bounds, curves and needs say is put down to the curves: so at lower caps
 * more is expected than will be drawn, not less. Never above 1: who does draw more, and can give some, is learned before
 * the start. Who can give nothing draws what is measured beyond noise and beyond all that everybody else can draw; but
 * only where all go on as they do now: what has just ended is in what was measured.
 */
export function commonRatio(members: readonly ShedMember[], measured: Measured): CommonRatio {
  const { domain, measuredScaled, besideScaled, idleNodes, learned, isSteady } = measured;
  let { isAllSteady } = measured;
  let restScaled = besideScaled;
  for (const { domains, wattsScaled } of idleNodes) {
    restScaled += wattsScaled[domains.indexOf(domain)] ?? 0;
  }
  const steady: Steady[] = [];
  members.forEach((member, at) => {
    const { shed } = member;
    const scaled = shed.scaledPerGpuWatt[shed.domains.indexOf(domain)] ?? 0;
    const drawScaled = drawAt(shed.curve, shed.capNowWatts) * scaled;
    const seen = learned[at];
    if (!isSteady(member)) {
      restScaled += shed.idleWatts * scaled;
      isAllSteady &&= scaled === 0 || member.attempt === undefined;
    } else if (seen === undefined) {
      steady.push({ drawScaled, mostRatio: mostRatio(member), isFixed: isFixed(member) });
    } else {
      restScaled += drawAt(seenCurve(shed.curve, seen), shed.capNowWatts) * scaled;
    }
  });
  const enough = (step: number): boolean =>
    restScaled + drawnScaled(steady, step / stepsPerOne) >= measuredScaled;
  let step = Math.round(ratioMin * stepsPerOne);
  while (step < stepsPerOne && !enough(step)) {
    step += 1;
  }
  const ofAll = step / stepsPerOne;
  return {
    ofAll,
    ofFixed: isAllSteady
      ? Math.max(ofAll, surelyFixed(steady, measuredScaled * (1 - noiseShare) - restScaled))
      : ofAll,
    isAllSteady,
  };
}

interface Steady {
  readonly drawScaled: number;
  readonly mostRatio: number;
  readonly isFixed: boolean;
}

function drawnScaled(steady: readonly Steady[], ratio: number): number {
  return steady.reduce((sum, one) => sum + one.drawScaled * Math.min(one.mostRatio, ratio), 0);
}

/** When all others draw the most that they can; whole steps, downwards. 0: there is nobody of whom it could be told. */
function surelyFixed(steady: readonly Steady[], ofSteadyScaled: number): number {
  const fixed = steady.filter((one) => one.isFixed);
  const others = steady.filter((one) => !one.isFixed);
  const curvesScaled = drawnScaled(fixed, 1);
  const ratio = (ofSteadyScaled - drawnScaled(others, Infinity)) / Math.max(1, curvesScaled);
  return fixed.length === 0 ? 0 : Math.floor(ratio * stepsPerOne) / stepsPerOne;
}

/** It may neither pause nor have a lower cap. */
export function isFixed({ shed }: ShedMember): boolean {
  return shed.isProtected && shed.capNowWatts <= shed.floorCapWatts;
}

/** Of its curve a job draws at most what its cap lets it have, and no more than it was ever seen to need. */
export function mostRatio(member: ShedMember): number {
  const { shed, attempt } = member;
  const needed = isOneOfMany(member) ? 0 : (attempt?.neededCapWatts ?? 0);
  const mostWatts = needed === 0 ? Infinity : seenMostWatts(needed);
  return Math.min(shed.capNowWatts, mostWatts) / drawAt(shed.curve, shed.capNowWatts);
}
