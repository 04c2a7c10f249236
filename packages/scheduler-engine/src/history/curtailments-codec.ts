import type { SteerState } from "@ertis/power-planning";
import { holdPausedTasks } from "../apply/paused-tasks.ts";
import { refreshHorizons } from "../power/horizons.ts";
import { recallMeasured } from "../power/stale-meters.ts";
import { known } from "../state/assert.ts";
import type {
  CurtailmentRecord,
  DrawHistory,
  FollowedTask,
  JobEffect,
  PausedTask,
  ShrunkTask,
  PlannedPause,
} from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import {
  type LostSupply,
  nodeAsleep,
  nodeOff,
  type SiteState,
  type StartRoom,
} from "../state/site-state.ts";
import type { Curtailment } from "../words/curtailment.ts";

type KnownJob =
  SteerState["knowledge"]["jobs"] extends ReadonlyMap<number, infer Known> ? Known : never;

type Pairs<Value> = readonly (readonly [key: number, value: Value])[];

/** Maps do not survive JSON: jobs stand as pairs. */
interface EncodedSteering {
  readonly rest: Omit<SteerState, "knowledge">;
  readonly knowledge: Omit<SteerState["knowledge"], "jobs">;
  readonly jobs: Pairs<KnownJob>;
}

type EncodedRecord = Omit<
  CurtailmentRecord,
  | "effects"
  | "countedLossMs"
  | "followed"
  | "steering"
  | "fallMs"
  | "aheadMs"
  | "sleepMs"
  | "drawnBeforeWatts"
  | "sleepers"
  | "foreseen"
  | "widenedBy"
  | "isPlannedUnmeasured"
  | "isAwaitingAnswers"
> & {
  /** Absent: none. */
  readonly fallMs?: number;
  readonly aheadMs?: number;
  readonly sleepMs?: number;
  readonly drawnBeforeWatts?: number;
  readonly sleepers?: readonly number[];
  readonly foreseen?: readonly PlannedPause[];
  readonly widenedBy?: number;
  readonly isPlannedUnmeasured?: true;
  readonly isAwaitingAnswers?: true;
  readonly effects: Pairs<JobEffect>;
  readonly countedLossMs: Pairs<number>;
  /** Absent: nobody. */
  readonly followed?: Pairs<FollowedTask>;
  readonly steering?: EncodedSteering;
};

export interface CurtailmentsChunk {
  readonly kind: "curtailments";
  readonly records: readonly EncodedRecord[];
  readonly paused: Pairs<PausedTask>;
  /** Absent: nobody. */
  readonly shrunk?: Pairs<ShrunkTask>;
  readonly pauses: readonly (readonly [site: string, pauses: readonly PlannedPause[]])[];
  readonly draws: readonly (readonly [key: string, history: DrawHistory])[];
  /** By site: what is announced, on or still giving back. */
  readonly sites: readonly {
    readonly site: string;
    readonly curtailments: readonly Curtailment[];
    /** Older ones have the watts that remain alone. */
    readonly lostSupplies: Pairs<number | LostSupply>;
    readonly silentNodes: readonly number[];
    /** In older ones: when nodes were last asked to switch off, for all of them. */
    readonly sleepAskedAtMs?: number;
    /** Absent: no node is asked to switch off and still on. */
    readonly sleepsAsked?: Pairs<number>;
    /** Absent in older ones, and where every node that was woken is up. */
    readonly wakesAsked?: Pairs<number>;
    readonly unwoken?: readonly number[];
    /** Absent in older ones, and where no node was ever off. */
    readonly turned?: Pairs<number>;
    /** In older ones: the same of those that are off. */
    readonly offSince?: Pairs<number>;
    /** Absent in older ones, and where nothing is steered. */
    readonly startRooms?: readonly (readonly [curtailment: string, room: EncodedRoom])[];
  }[];
}

/** Older ones have nothing left for promised starts. */
type EncodedRoom = Omit<StartRoom, "promised"> & Partial<Pick<StartRoom, "promised">>;

export function encodeCurtailments(state: EngineState): CurtailmentsChunk {
  const { records, paused, shrunk, pauses, draws } = state.curtailments;
  return {
    kind: "curtailments",
    records: [...records.values()].map(encodeRecord),
    paused: [...paused],
    ...(shrunk.size === 0 ? {} : { shrunk: [...shrunk] }),
    pauses: [...pauses],
    draws: [...draws],
    sites: [...state.sites.values()]
      .filter(
        (site) =>
          site.curtailments.length + site.lostSupplies.size + site.silentNodes.size > 0 ||
          site.sleepAskedAtMs.size + site.turnedAtMs.size + site.unwoken.size > 0,
      )
      .map((site) => ({
        site: site.site.id,
        curtailments: [...site.curtailments],
        lostSupplies: [...site.lostSupplies],
        silentNodes: [...site.silentNodes],
        ...(site.sleepAskedAtMs.size === 0 ? {} : { sleepsAsked: [...site.sleepAskedAtMs] }),
        ...(site.wakeAskedAtMs.size === 0 ? {} : { wakesAsked: [...site.wakeAskedAtMs] }),
        ...(site.unwoken.size === 0 ? {} : { unwoken: [...site.unwoken] }),
        ...(site.turnedAtMs.size === 0 ? {} : { turned: [...site.turnedAtMs] }),
        ...(site.startRooms.size === 0 ? {} : { startRooms: [...site.startRooms] }),
      })),
  };
}

function encodeRecord(record: CurtailmentRecord): EncodedRecord {
  const { effects, countedLossMs, followed, steering, ...plain } = record;
  const { fallMs, aheadMs, sleepMs, drawnBeforeWatts, ...others } = plain;
  const { sleepers, foreseen, widenedBy, isPlannedUnmeasured, isAwaitingAnswers, ...rest } = others;
  return {
    ...rest,
    ...(fallMs === 0 ? {} : { fallMs }),
    ...(aheadMs === 0 ? {} : { aheadMs }),
    ...(sleepMs === 0 ? {} : { sleepMs }),
    ...(drawnBeforeWatts === 0 ? {} : { drawnBeforeWatts }),
    ...(sleepers.length === 0 ? {} : { sleepers }),
    ...(foreseen.length === 0 ? {} : { foreseen }),
    ...(widenedBy === 0 ? {} : { widenedBy }),
    ...(isPlannedUnmeasured ? { isPlannedUnmeasured } : {}),
    ...(isAwaitingAnswers ? { isAwaitingAnswers } : {}),
    effects: [...effects],
    countedLossMs: [...countedLossMs],
    ...(followed.size === 0 ? {} : { followed: [...followed] }),
    ...(steering === undefined ? {} : { steering: encodeSteering(steering) }),
  };
}

function encodeSteering({ knowledge, ...rest }: SteerState): EncodedSteering {
  const { jobs, ...others } = knowledge;
  return { rest, knowledge: others, jobs: [...jobs] };
}

/** After sites and jobs are there. */
export function decodeCurtailments(state: EngineState, chunk: CurtailmentsChunk): void {
  const { records, paused, shrunk, pauses, draws } = state.curtailments;
  for (const { effects, countedLossMs, followed, steering, ...rest } of chunk.records) {
    records.set(rest.curtailment.id, {
      ...rest,
      fallMs: rest.fallMs ?? 0,
      aheadMs: rest.aheadMs ?? 0,
      sleepMs: rest.sleepMs ?? 0,
      drawnBeforeWatts: rest.drawnBeforeWatts ?? 0,
      sleepers: rest.sleepers ?? [],
      foreseen: rest.foreseen ?? [],
      widenedBy: rest.widenedBy ?? 0,
      isPlannedUnmeasured: rest.isPlannedUnmeasured ?? false,
      isAwaitingAnswers: rest.isAwaitingAnswers ?? false,
      cancelled: rest.cancelled,
      effects: new Map(effects),
      countedLossMs: new Map(countedLossMs),
      followed: new Map(followed),
      steering: steering === undefined ? undefined : decodeSteering(steering),
      steered: rest.steered,
    });
  }
  for (const [id, one] of chunk.shrunk ?? []) {
    shrunk.set(id, one);
  }
  for (const [id, one] of chunk.paused) {
    paused.set(id, one);
  }
  for (const number of new Set([...paused.values()].map((one) => one.job))) {
    holdPausedTasks(state, number);
  }
  for (const [site, list] of chunk.pauses) {
    pauses.set(site, list);
  }
  for (const [key, history] of chunk.draws) {
    draws.set(key, history);
  }
  for (const site of state.sites.values()) {
    recallMeasured(state, site);
  }
  for (const one of chunk.sites) {
    const { curtailments, lostSupplies, silentNodes, startRooms = [] } = one;
    const site = known(state.sites.get(one.site), "site of a curtailment");
    recallSleeps(site, one);
    site.curtailments.push(...curtailments);
    for (const [domain, lost] of lostSupplies) {
      const told = typeof lost === "number" ? { remainingWatts: lost, supply: "" } : lost;
      site.lostSupplies.set(domain, told);
    }
    for (const [curtailment, room] of startRooms) {
      site.startRooms.set(curtailment, { ...room, promised: room.promised ?? [] });
    }
    for (const node of silentNodes) {
      site.silentNodes.add(node);
    }
    refreshHorizons(site, state.nowMs);
  }
}

/** What was asked and is not off yet, and when nodes went off or came back. */
function recallSleeps(
  { nodeFlags, sleepAskedAtMs, wakeAskedAtMs, unwoken, turnedAtMs }: SiteState,
  told: CurtailmentsChunk["sites"][number],
): void {
  for (const [node, askedAtMs] of told.wakesAsked ?? []) {
    wakeAskedAtMs.set(node, askedAtMs);
  }
  for (const node of told.unwoken ?? []) {
    unwoken.add(node);
  }
  for (const [node, atMs] of told.turned ?? told.offSince ?? []) {
    turnedAtMs.set(node, atMs);
  }
  for (const [node, askedAtMs] of told.sleepsAsked ?? []) {
    sleepAskedAtMs.set(node, askedAtMs);
  }
  if (told.sleepAskedAtMs !== undefined) {
    for (const [node, flags] of nodeFlags.entries()) {
      if ((flags & (nodeAsleep | nodeOff)) === nodeAsleep) {
        sleepAskedAtMs.set(node, told.sleepAskedAtMs);
      }
    }
  }
}

function decodeSteering({ rest, knowledge, jobs }: EncodedSteering): SteerState {
  return { ...rest, knowledge: { ...knowledge, jobs: new Map(jobs) } };
}
