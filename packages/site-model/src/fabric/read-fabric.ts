import { domainKinds } from "../declaration.ts";
import { mostInRange } from "../counts.ts";
import { name } from "../fields.ts";
import {
  Block,
  describe,
  type Located,
  oneOf,
  type Place,
  type Problems,
  quotedText,
  readText,
  type TextResult,
  type Value,
} from "../reader/index.ts";
import type { DomainKind } from "../site.ts";

/** What neighbours are counted in. */
export type UnitKind = Exclude<DomainKind, "feed"> | "node";

/** So many neighbours, in order of the file, are one domain. */
export interface Every {
  readonly count: number;
  readonly unit: UnitKind;
}

/** A switch by its name, and what hangs on it. */
export interface DeclaredSwitch {
  readonly name: string;
  readonly at: Place;
  /** Paths below the site; the last part may be a range. */
  readonly paths: readonly Located<string>[];
}

/** One level of the fabric as it is written; what it names is looked up once the tree is planned. */
export interface DeclaredLevel {
  readonly name: string;
  readonly at: Place;
  readonly every: Located<Every> | undefined;
  /** Counting begins anew in each domain of this kind. */
  readonly within: Located<DomainKind> | undefined;
  readonly switches: readonly DeclaredSwitch[];
}

const mostLevels = 8;

const shape = {
  what: "a level of the fabric",
  keys: ["level", "every", "within", "domains"],
  isSourced: true,
} as const;

/** Reads the levels of the network, smallest domains first. Wrong ones are reported and left out. */
export function readFabric(problems: Problems, value: Value | undefined): readonly DeclaredLevel[] {
  if (value === undefined) {
    return [];
  }
  if (value.kind !== "list") {
    problems.add(
      value.at,
      `found ${describe(value)}, but fabric is a list of levels, smallest domains first, like - {level: leaf, every: 4 racks, within: row, source: …}`,
    );
    return [];
  }
  if (value.items.length > mostLevels) {
    problems.add(
      value.at,
      `found ${value.items.length} levels, at most ${mostLevels} are allowed: leave out those that do not matter to jobs`,
    );
    return [];
  }
  return value.items.flatMap((item) => readLevel(problems, item) ?? []);
}

function readLevel(problems: Problems, item: Value): DeclaredLevel | undefined {
  const block = Block.open(problems, item, shape);
  if (block === undefined) {
    return undefined;
  }
  const levelName = block.text("level", name, "leaf");
  const every = block.optionalText("every", readEvery);
  const within = block.optionalText("within", oneOf(domainKinds));
  const switches = readSwitches(block);
  if (block.has("every") === block.has("domains")) {
    problems.add(
      block.at,
      "a level of the fabric needs either every: 4 racks or domains: {leaf-1: [...]}",
    );
  }
  if (block.has("within") && !block.has("every")) {
    problems.add(
      block.placeOf("within"),
      "within belongs to every: remove it, or count with every",
    );
  }
  return levelName && { name: levelName.value, at: levelName.at, every, within, switches };
}

function readSwitches(block: Block): readonly DeclaredSwitch[] {
  const { problems } = block;
  const switches: DeclaredSwitch[] = [];
  for (const [key, { keyAt, value }] of block.named("domains", "{leaf-1: hall-1/row-1}")) {
    const checked = name(key);
    if ("wrong" in checked) {
      problems.add(keyAt, checked.wrong);
    }
    const paths: Located<string>[] = [];
    for (const item of value.kind === "list" ? value.items : [value]) {
      const path = readText(problems, item, readPlaces);
      if (path?.value !== undefined) {
        paths.push({ value: path.value, at: path.at });
      }
    }
    if (value.kind === "list" && value.items.length === 0) {
      problems.add(value.at, `nothing hangs on "${key}": name its racks or nodes, or remove it`);
    }
    switches.push({ name: key, at: keyAt, paths });
  }
  return switches;
}

const units: ReadonlyMap<string, UnitKind> = new Map(
  (["node", "rack", "row", "hall", "substation"] as const).flatMap((unit) => [
    [unit, unit],
    [`${unit}s`, unit],
  ]),
);

/** `4 racks`, `1 rack`. */
function readEvery(text: string): TextResult<Every> {
  const [, digits = "", word = ""] = /^(\d{1,5}) +([a-z]+)$/.exec(text) ?? [];
  const count = Number(digits);
  const unit = units.get(word);
  return unit !== undefined && count >= 1 && count <= mostInRange
    ? { value: { count, unit } }
    : {
        wrong: `found ${quotedText(text)}, but every is a count of 1 to ${mostInRange} and what is counted: write for example "4 racks", "2 nodes" or "1 row"`,
      };
}

const longestPath = 253;

function readPlaces(text: string): TextResult<string> {
  return /^[a-z0-9-]+(\/[a-z0-9-]+)*(\.\.[a-z0-9-]+)?$/.test(text) && text.length <= longestPath
    ? { value: text }
    : {
        wrong: `${quotedText(text)} is not a path below the site: write for example hall-1/row-1 or hall-1/row-1/rack-01..rack-04`,
      };
}
