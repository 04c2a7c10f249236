import { numbered, readMultiples, readRange } from "./counts.ts";
import {
  type ChildGroup,
  type DomainBody,
  domainKinds,
  type Field,
  isAbove,
  type NodeGroup,
} from "./declaration.ts";
import { decimal, name, power } from "./fields.ts";
import { readRamp } from "./ramps.ts";
import { readSupplies } from "./read-supplies.ts";
import {
  Block,
  describe,
  listed,
  type Located,
  oneOf,
  type Problems,
  quotedText,
  readText,
  type TextParser,
  type Value,
} from "./reader/index.ts";
import type { DomainKind, Redundancy } from "./site.ts";
import { checkSources } from "./sources.ts";
import { templateOnly } from "./template-only.ts";

const childKeys: ReadonlyMap<DomainKind, string> = new Map([
  ["substation", "substations"],
  ["hall", "halls"],
  ["row", "rows"],
  ["rack", "racks"],
]);

const figureKeys: readonly string[] = [
  "limit",
  "supplies",
  "derating",
  "loadFactor",
  "fixed",
  "networkPerNode",
  "ramp",
  ...childKeys.values(),
  "nodes",
];

const bodyKeys: readonly string[] = ["template", "redundancy", ...figureKeys, "source"];

const laterKeys: ReadonlyMap<string, string> = new Map([
  ["temperatureCurve", "a load factor by outdoor temperature"],
]);

const redundancies: readonly Redundancy[] = ["none", "N+1", "2N", "distributed"];

/** What a block may say besides describing a domain. */
export interface BodyContext {
  /** For messages, for example `a template`. */
  readonly what: string;
  readonly extraKeys: readonly string[];
  /** What the block describes; undefined when that itself is wrong. */
  readonly kind: DomainKind | undefined;
}

/** Reads one block that describes a domain. Undefined, and reported, unless it is a block. */
export function readDomain(
  problems: Problems,
  value: Value,
  context: BodyContext,
): { readonly body: DomainBody; readonly block: Block } | undefined {
  const block = Block.open(problems, value, {
    what: context.what,
    keys: [...context.extraKeys, ...bodyKeys],
    later: laterKeys,
  });
  if (block === undefined) {
    return undefined;
  }
  checkSources(block, figureKeys);
  const field = <T>(key: string, parse: TextParser<T>): Field<T> =>
    readText(problems, block.optional(key), parse);
  return {
    block,
    body: {
      at: block.at,
      template: field("template", name),
      supplies: readSupplies(block),
      redundancy: field("redundancy", oneOf(redundancies)),
      derating: field("derating", decimal(0n, 1n, false)),
      loadFactor: field("loadFactor", decimal(1n, 10n, true)),
      fixed: field("fixed", power),
      networkPerNode: field("networkPerNode", power),
      ramp: field("ramp", readRamp),
      children: readChildren(block, context.kind),
      nodes: readNodes(block, context.kind),
    },
  };
}

function readNodes(block: Block, kind: DomainKind | undefined): Field<readonly NodeGroup[]> {
  const { problems } = block;
  const entry = block.entry("nodes");
  if (entry === undefined) {
    return undefined;
  }
  if (kind !== undefined && kind !== "rack") {
    problems.add(entry.keyAt, `nodes in a ${kind}, but nodes stand in racks: add racks to it`);
  }
  const groups = readMultiples(problems, entry.value, "4 × h100-8").map(({ value, at }) => ({
    at,
    count: value.count,
    className: value.what,
  }));
  return { value: groups.length === 0 ? undefined : groups, at: entry.value.at };
}

function readChildren(
  block: Block,
  kind: DomainKind | undefined,
): ReadonlyMap<DomainKind, Located<readonly ChildGroup[]>> {
  const { problems } = block;
  const children = new Map<DomainKind, Located<readonly ChildGroup[]>>();
  for (const childKind of domainKinds) {
    const entry = block.entry(childKeys.get(childKind) ?? "");
    if (entry === undefined) {
      continue;
    }
    const isAllowed = kind === undefined || isAbove(kind, childKind);
    if (!isAllowed) {
      problems.add(
        entry.keyAt,
        `a ${kind} cannot hold a ${childKind}: from the grid down there are ${listed(domainKinds)}`,
      );
    }
    // Set also when it is not allowed, so that the domain does not count as empty.
    children.set(childKind, {
      value: isAllowed ? readGroups(problems, entry.value, childKind) : [],
      at: entry.keyAt,
    });
  }
  return children;
}

function readGroups(problems: Problems, value: Value, kind: DomainKind): readonly ChildGroup[] {
  const items = value.kind === "list" ? value.items : [value];
  const groups: ChildGroup[] = [];
  const counted = readMultiples(
    problems,
    { kind: "list", items: items.filter((item) => item.kind === "text"), at: value.at },
    `10 × <${kind} template>`,
  );
  const total = counted.reduce((sum, { value: multiple }) => sum + multiple.count, 0);
  let first = 1;
  for (const { value: multiple, at } of counted) {
    groups.push({
      at,
      names: numbered(kind, first, multiple.count, total),
      phase: undefined,
      primary: undefined,
      reserve: undefined,
      body: templateOnly(multiple.what, at),
    });
    first += multiple.count;
  }
  if (value.kind === "list" && items.length === 0) {
    problems.add(value.at, `an empty list: name at least one ${kind} or remove the key`);
  }
  for (const item of items) {
    const group = item.kind === "text" ? undefined : readGroup(problems, item, kind);
    if (group !== undefined) {
      groups.push(group);
    }
  }
  return groups;
}

/**
 * An item of a list: `name` or `names`, `phase`, the supplies that feed it where those are
 * distributed, and what differs from its template.
 */
function readGroup(problems: Problems, item: Value, kind: DomainKind): ChildGroup | undefined {
  const read = readDomain(problems, item, {
    what: `a ${kind}`,
    extraKeys: ["name", "names", "phase", "primary", "reserve"],
    kind,
  });
  if (read === undefined) {
    return undefined;
  }
  const { block, body } = read;
  const single = block.entry("name");
  const range = block.entry("names");
  if ((single === undefined) === (range === undefined)) {
    problems.add(
      block.at,
      `a ${kind} needs either name: ${kind}-1 or names: ${kind}-01..${kind}-12`,
    );
  }
  let names: readonly string[] = [];
  if (range?.value.kind === "text") {
    names = readRange(problems, range.value.text, range.value.at);
  } else if (range !== undefined) {
    problems.add(
      range.value.at,
      `found ${describe(range.value)}, write for example ${quotedText(`${kind}-01..${kind}-12`)}`,
    );
  } else {
    const only = readText(problems, single?.value, name)?.value;
    names = only === undefined ? [] : [only];
  }
  return {
    at: (single ?? range)?.value.at ?? block.at,
    names,
    phase: readText(problems, block.optional("phase"), name),
    primary: readText(problems, block.optional("primary"), name),
    reserve: readText(problems, block.optional("reserve"), name),
    body,
  };
}
