import type { Watts } from "@ertis/quantities";
import { parseMultiple } from "./counts.ts";
import type { Field } from "./declaration.ts";
import { power } from "./fields.ts";
import { type Block, readText, type TextResult } from "./reader/index.ts";

const mostSupplies = 64;

/** `limit: 44 kW` is one supply; `supplies:` has several, `3 × 25 MW` or a list. */
export function readSupplies(block: Block): Field<readonly Watts[]> {
  const { problems } = block;
  const limit = block.entry("limit");
  const supplies = block.entry("supplies");
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

function parseSupply(text: string): TextResult<readonly Watts[]> {
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
