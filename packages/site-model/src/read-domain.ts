import type { Watts } from "@ertis/quantities";
import { numbered, parseMultiple, readMultiples, readRange } from "./counts.ts";
import {
  type ChildGroup,
  type DomainBody,
  domainKinds,
  type Field,
  isAbove,
  type NodeGroup,
} from "./declaration.ts";
import type { Value } from "./document.ts";
import {
  type Block,
  decimal,
  describe,
  name,
  oneOf,
  openBlock,
  power,
  readText,
} from "./fields.ts";
import type { Located, Place, Problems } from "./problems.ts";
import type { DomainKind, Redundancy } from "./site.ts";
import { checkSources } from "./sources.ts";
import { listed, quotedText } from "./words.ts";

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
  ...childKeys.values(),
  "nodes",
];

const bodyKeys: readonly string[] = ["template", "redundancy", ...figureKeys, "source"];

const laterKeys: ReadonlyMap<string, string> = new Map([
  ["temperatureCurve", "a load factor by outdoor temperature"],
  ["redundancyGroup", "distributed redundancy between domains"],
]);

const redundancies: readonly Redundancy[] = ["none", "N+1", "2N"];
const laterRedundancies: ReadonlyMap<string, string> = new Map([
  ["distributed", "shared spare capacity, checked for every failure"],
]);

const mostSupplies = 64;

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
  const block = openBlock(problems, value, {
    what: context.what,
    keys: [...context.extraKeys, ...bodyKeys],
    later: laterKeys,
  });
  if (block === undefined) {
    return undefined;
  }
  checkSources(problems, block, figureKeys);
  const text = (key: string): Value | undefined => block.entries.get(key)?.value;
  return {
    block,
    body: {
      at: block.at,
      template: readText(problems, text("template"), name),
      supplies: readSupplies(problems, block),
      redundancy: readText(problems, text("redundancy"), oneOf(redundancies, laterRedundancies)),
      derating: readText(problems, text("derating"), decimal(0n, 1n, false)),
      loadFactor: readText(problems, text("loadFactor"), decimal(1n, 10n, true)),
      fixed: readText(problems, text("fixed"), power),
      networkPerNode: readText(problems, text("networkPerNode"), power),
      children: readChildren(problems, block, context.kind),
      nodes: readNodes(problems, block, context.kind),
    },
  };
}

/** A block that says nothing but which template it is. */
function templateOnly(templateName: string, at: Place): DomainBody {
  return {
    at,
    template: { value: templateName, at },
    supplies: undefined,
    redundancy: undefined,
    derating: undefined,
    loadFactor: undefined,
    fixed: undefined,
    networkPerNode: undefined,
    children: new Map(),
    nodes: undefined,
  };
}

/** True when the block adds nothing to its template, so that both are one and the same plan. */
export function isTemplateOnly(body: DomainBody): boolean {
  return (
    body.template !== undefined &&
    body.children.size === 0 &&
    [
      body.supplies,
      body.redundancy,
      body.derating,
      body.loadFactor,
      body.fixed,
      body.networkPerNode,
      body.nodes,
    ].every((field) => field === undefined)
  );
}

/** `limit: 44 kW` is one supply; `supplies:` has several, `3 × 25 MW` or a list. */
function readSupplies(problems: Problems, block: Block): Field<readonly Watts[]> {
  const limit = block.entries.get("limit");
  const supplies = block.entries.get("supplies");
  if (limit !== undefined && supplies !== undefined) {
    problems.add(supplies.keyAt, '"limit" and "supplies" in one block: keep one of them');
  }
  if (supplies === undefined) {
    const single = readText(problems, limit?.value, power);
    return single === undefined
      ? undefined
      : { value: single.value === undefined ? undefined : [single.value], at: single.at };
  }
  const { value } = supplies;
  const all: Watts[] = [];
  let isSound = true;
  for (const item of value.kind === "list" ? value.items : [value]) {
    const parts = readText(problems, item, parseSupply);
    isSound &&= parts?.value !== undefined;
    all.push(...(parts?.value ?? []));
  }
  if (isSound && (all.length === 0 || all.length > mostSupplies)) {
    problems.add(value.at, `found ${all.length} supplies, allowed are 1 to ${mostSupplies}`);
    isSound = false;
  }
  return { value: isSound ? all : undefined, at: value.at };
}

function parseSupply(
  text: string,
): { readonly value: readonly Watts[] } | { readonly wrong: string } {
  const multiple = parseMultiple(text);
  if ("wrong" in multiple) {
    return multiple;
  }
  if (multiple.count > mostSupplies) {
    return { wrong: `found ${multiple.count} supplies, allowed are 1 to ${mostSupplies}` };
  }
  const each = power(multiple.what);
  return "wrong" in each
    ? each
    : { value: Array.from({ length: multiple.count }, () => each.value) };
}

function readNodes(
  problems: Problems,
  block: Block,
  kind: DomainKind | undefined,
): Field<readonly NodeGroup[]> {
  const entry = block.entries.get("nodes");
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
  problems: Problems,
  block: Block,
  kind: DomainKind | undefined,
): ReadonlyMap<DomainKind, Located<readonly ChildGroup[]>> {
  const children = new Map<DomainKind, Located<readonly ChildGroup[]>>();
  for (const childKind of domainKinds) {
    const entry = block.entries.get(childKeys.get(childKind) ?? "");
    if (entry === undefined) {
      continue;
    }
    if (kind !== undefined && !isAbove(kind, childKind)) {
      problems.add(
        entry.keyAt,
        `a ${kind} cannot hold ${childKeys.get(childKind)}: from the grid down there are ${listed(domainKinds)}`,
      );
      continue;
    }
    children.set(childKind, {
      value: readGroups(problems, entry.value, childKind),
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

/** An item of a list: `name` or `names`, `phase`, and what differs from its template. */
function readGroup(problems: Problems, item: Value, kind: DomainKind): ChildGroup | undefined {
  const read = readDomain(problems, item, {
    what: `a ${kind}`,
    extraKeys: ["name", "names", "phase"],
    kind,
  });
  if (read === undefined) {
    return undefined;
  }
  const { block, body } = read;
  const single = block.entries.get("name");
  const range = block.entries.get("names");
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
  const phase = readText(problems, block.entries.get("phase")?.value, name);
  return { at: (single ?? range)?.value.at ?? block.at, names, phase: phase?.value, body };
}
