export { defaultSitesDirectory, loadPlans, sitesDirectory } from "./load-plans.ts";
