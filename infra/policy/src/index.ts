export { toFacts, type Facts, type StackIdentity } from "./facts.ts";
export { unknownValue, type Fields } from "./fields.ts";
export type { Resource } from "./resource.ts";
export type { ResourceRule, Rule, StackRule } from "./rule.ts";
export { rules } from "./rules/index.ts";
