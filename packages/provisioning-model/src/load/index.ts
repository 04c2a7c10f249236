export { defaultSitesDirectory, loadPlans, sitesDirectory } from "./load-plans.ts";
export { loadSiteTexts, type PlanText } from "./load-site-texts.ts";
