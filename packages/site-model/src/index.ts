export { budgetDaysAhead } from "./budgets/check-starts.ts";
export { budgetWindows, type BudgetWindow, isBudgetInForce } from "./budgets/windows.ts";
export {
  diffSites,
  type DomainChange,
  type DomainField,
  type NodeChange,
  type NodeClassChange,
  type NodeClassField,
  type SiteDiff,
} from "./diff-sites.ts";
export { parseSite, type PhaseChoice, type SiteText } from "./parse-site.ts";
export type { SiteFileError, SourceLine } from "./reader/index.ts";
export type {
  DomainKind,
  FabricDomain,
  FabricLevel,
  FedBy,
  GpuCap,
  NodeClass,
  ParseSiteResult,
  PowerDomain,
  Ramp,
  Recurrence,
  Redundancy,
  Site,
  SiteBudget,
  SiteCurve,
  SiteNode,
  TransferSum,
} from "./site.ts";
