export {
  itemAt,
  provisioningBase,
  replaced,
  siteText,
  smallPlan,
  type SmallSite,
} from "../test-sites.ts";
