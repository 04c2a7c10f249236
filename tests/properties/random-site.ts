import * as fc from "fast-check";
import type { DeratingOf, Share } from "../oracle/index.ts";

/** A site file made up at random, with what its writer knows beside the text. */
export interface RandomSite {
  readonly id: string;
  readonly text: string;
  readonly deratings: ReadonlyMap<string, Share>;
}

interface NodeGroup {
  readonly count: number;
  readonly classIndex: number;
}

interface Electric {
  /** 0: only idle nodes fit; 100: all at their peak. */
  readonly carriesPercent: number;
  readonly redundancy: "none" | "N+1" | "2N" | "distributed";
  readonly deratingPercent: number;
  readonly factorHundredths: number;
  readonly fixedWatts: number;
  /** Of what it may carry, so much a minute; 0: as fast as may be. */
  readonly rampPercent: number;
}

interface RackDraft extends Electric {
  readonly nodes: readonly NodeGroup[];
}

interface HallDraft extends Electric {
  readonly racks: readonly RackDraft[];
}

interface FeedDraft extends Electric {
  /** Do GPUs of alpha and gamma take caps? */
  readonly hasCaps: boolean;
  readonly halls: readonly HallDraft[];
}

const classes = [
  { name: "four", model: "alpha", gpuCount: 4, idleWatts: 300, peakWatts: 1001, partUse: "share" },
  { name: "two", model: "beta", gpuCount: 2, idleWatts: 100, peakWatts: 777, partUse: "peak" },
  { name: "eight", model: "alpha", gpuCount: 8, idleWatts: 500, peakWatts: 2100, partUse: "peak" },
  { name: "wide", model: "gamma", gpuCount: 8, idleWatts: 420, peakWatts: 3333, partUse: "share" },
] as const;

export const gpuModels: readonly string[] = ["alpha", "beta", "gamma"];

const electric = {
  carriesPercent: fc.constantFrom(5, 20, 35, 50, 65, 80, 95, 100, 110),
  redundancy: fc.constantFrom("none" as const, "N+1" as const, "2N" as const),
  deratingPercent: fc.constantFrom(100, 100, 80, 65),
  factorHundredths: fc.constantFrom(100, 100, 125, 107),
  fixedWatts: fc.constantFrom(0, 0, 50, 333),
  rampPercent: fc.constant(0),
};

const feedDraft: fc.Arbitrary<FeedDraft> = fc.record({
  ...electric,
  hasCaps: fc.constantFrom(true, true, false),
  halls: fc.array(
    fc.record({
      ...electric,
      racks: fc.array(
        fc.record({
          ...electric,
          nodes: fc.array(
            fc.record({
              count: fc.integer({ min: 1, max: 3 }),
              classIndex: fc.constantFrom(0, 0, 0, 1, 2, 3),
            }),
            { minLength: 1, maxLength: 2 },
          ),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    { minLength: 1, maxLength: 2 },
  ),
});

/** A site of one to twelve racks, most of them short of watts before they are short of GPUs. */
export function randomSite(id: string): fc.Arbitrary<RandomSite> {
  return feedDraft.map((feed) => siteOf(id, feed));
}

/** The same with supplies that share their spare capacity in every hall, and in half of the feeds. */
export function randomDistributedSite(id: string): fc.Arbitrary<RandomSite> {
  return fc.tuple(feedDraft, fc.boolean()).map(([feed, isFeedToo]) =>
    siteOf(id, {
      ...feed,
      redundancy: isFeedToo ? "distributed" : feed.redundancy,
      halls: feed.halls.map((hall) => ({ ...hall, redundancy: "distributed" })),
    }),
  );
}

/** The same with GPUs that take caps, and limits of how fast the feed and its halls may change. */
export function randomRampedSite(id: string): fc.Arbitrary<RandomSite> {
  const percent = fc.constantFrom(0, 5, 10, 20, 40);
  return fc.tuple(feedDraft, percent, percent).map(([feed, ofFeed, ofHalls]) =>
    siteOf(id, {
      ...feed,
      hasCaps: true,
      rampPercent: ofFeed,
      halls: feed.halls.map((hall) => ({ ...hall, rampPercent: ofHalls })),
    }),
  );
}

export function deratingOf(sites: readonly RandomSite[]): DeratingOf {
  const byText = new Map(sites.map((site) => [site.text, site.deratings]));
  return (domain, text) => byText.get(text)?.get(domain);
}

interface Written {
  readonly lines: readonly string[];
  /** Loads with every node idle and at its peak, rounded up. */
  readonly idleWatts: number;
  readonly peakWatts: number;
}

/** One straight, one that hardly slows down at first, one that cannot be capped far. */
const curves: readonly string[] = [
  "curves:",
  ...["alpha", "gamma"].flatMap((model) => [
    `  - {gpuModel: ${model}, class: straight, points: [[90 W, 0.4, 90 W], [240 W, 1, 230 W]], source: assumption}`,
    `  - {gpuModel: ${model}, class: bent, points: [[120 W, 0.5, 115 W], [180 W, 0.93, 175 W], [240 W, 1, 225 W]], source: assumption}`,
  ]),
];

function siteOf(id: string, feed: FeedDraft): RandomSite {
  const deratings = new Map<string, Share>();
  const written = writeFeed(id, feed, deratings);
  const text = [
    `site: ${id}`,
    `title: Site ${id}`,
    "nodeClasses:",
    ...classes.map((one) => {
      const caps = feed.hasCaps && one.model !== "beta" ? ", gpuCap: 90 W..240 W" : "";
      return `  ${one.name}: {gpuModel: ${one.model}, gpuCount: ${one.gpuCount}, idle: ${one.idleWatts} W, peak: ${one.peakWatts} W, partUse: ${one.partUse}${caps}, source: assumption}`;
    }),
    ...(feed.hasCaps ? curves : []),
    "feed:",
    ...written.lines.map((line) => `  ${line}`),
  ].join("\n");
  return { id, text, deratings };
}

function writeFeed(id: string, feed: FeedDraft, deratings: Map<string, Share>): Written {
  const halls = feed.halls.map((hall, index) =>
    writeHall(`${id}/hall-${index + 1}`, hall, deratings),
  );
  return withContent(writeDomain(id, feed, halls, deratings), [
    "halls:",
    ...halls.flatMap((hall, index) => item(`hall-${index + 1}`, hall.lines, fedBy(feed, index))),
  ]);
}

function writeHall(id: string, hall: HallDraft, deratings: Map<string, Share>): Written {
  const racks = hall.racks.map((rack, index) => {
    const inside = rack.nodes.map(({ count, classIndex }) => ({
      lines: [],
      idleWatts: count * (classes[classIndex]?.idleWatts ?? 0),
      peakWatts: count * (classes[classIndex]?.peakWatts ?? 0),
    }));
    const groups = rack.nodes.map((one) => `${one.count} × ${classes[one.classIndex]?.name}`);
    return withContent(writeDomain(`${id}/rack-${index + 1}`, rack, inside, deratings), [
      `nodes: [${groups.join(", ")}]`,
    ]);
  });
  return withContent(writeDomain(id, hall, racks, deratings), [
    "racks:",
    ...racks.flatMap((rack, index) => item(`rack-${index + 1}`, rack.lines, fedBy(hall, index))),
  ]);
}

function withContent(domain: Written, content: readonly string[]): Written {
  return { ...domain, lines: [...domain.lines, ...content] };
}

function writeDomain(
  id: string,
  own: Electric,
  inside: readonly Written[],
  deratings: Map<string, Share>,
): Written {
  const load = (figure: "idleWatts" | "peakWatts"): number => {
    const sum = inside.reduce((total, one) => total + one[figure], 0);
    return Math.ceil((sum * own.factorHundredths) / 100) + own.fixedWatts;
  };
  const [idleWatts, peakWatts] = [load("idleWatts"), load("peakWatts")];
  const wanted = idleWatts + Math.ceil(((peakWatts - idleWatts) * own.carriesPercent) / 100);
  const supplyWatts = Math.ceil((wanted * 100) / own.deratingPercent) + 1;
  deratings.set(id, { numerator: BigInt(own.deratingPercent), denominator: 100n });
  return {
    idleWatts,
    peakWatts,
    lines: [
      `supplies: ${suppliesText(own, supplyWatts, Math.ceil((idleWatts * 100) / own.deratingPercent) + 1)}`,
      `redundancy: ${own.redundancy}`,
      `derating: ${own.deratingPercent === 100 ? "1" : `0.${own.deratingPercent}`}`,
      `loadFactor: ${Math.floor(own.factorHundredths / 100)}.${String(own.factorHundredths % 100).padStart(2, "0")}`,
      `fixed: ${own.fixedWatts} W`,
      ...rampLines(own, wanted - idleWatts),
      "source: assumption",
    ],
  };
}

/** A part of all that can be added to idle; a minute is the only time that is compared. */
function rampLines({ rampPercent }: Electric, rangeWatts: number): readonly string[] {
  const watts = Math.ceil((rangeWatts * rampPercent) / 100);
  return watts === 0 ? [] : [`ramp: ${watts} W/min over ${rampPercent === 10 ? 30 : 60} s`];
}

/** Supplies of which `watts` survive the worst single failure. */
function suppliesOf({ redundancy }: Electric, watts: number): readonly number[] {
  switch (redundancy) {
    case "none":
      return [watts];
    case "N+1":
      return [watts, Math.ceil(watts / 2), Math.ceil(watts / 2)];
    case "2N":
      return [watts + 7, watts];
    case "distributed":
      return [];
  }
}

const supplyCount = 3;

/** Distributed ones are each large enough for all idle nodes, and too small for most of what is to run. */
function suppliesText(own: Electric, watts: number, idleWatts: number): string {
  if (own.redundancy !== "distributed") {
    return `[${suppliesOf(own, watts)
      .map((one) => `${one} W`)
      .join(", ")}]`;
  }
  const each = Math.max(idleWatts, Math.ceil((watts * 3) / 5));
  return `{ups-0: ${each} W, ups-1: ${each + 11} W, ups-2: ${each} W}`;
}

/** Children of distributed redundancy name two supplies, in turn. */
function fedBy(holder: Electric, index: number): readonly string[] {
  return holder.redundancy === "distributed"
    ? [`primary: ups-${index % supplyCount}`, `reserve: ups-${(index + 1) % supplyCount}`]
    : [];
}

function item(name: string, lines: readonly string[], more: readonly string[]): string[] {
  return [`  - name: ${name}`, ...[...more, ...lines].map((line) => `    ${line}`)];
}
