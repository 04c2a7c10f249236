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
export type {
  DomainKind,
  NodeClass,
  ParseSiteResult,
  PowerDomain,
  Redundancy,
  Site,
  SiteFileError,
  SiteNode,
  SourceLine,
} from "./site.ts";
