/**
 * The properties of random histories, with more of them than `npm test` looks at: `ERTIS_SOAK_RUNS` of
 * each from the seed `ERTIS_SEED`; a failure prints the seed and path that show it again.
 */
// oxlint-disable-next-line import/no-unassigned-import -- its tests are what is wanted
import "../properties/caps.test.ts";
// oxlint-disable-next-line import/no-unassigned-import -- its tests are what is wanted
import "../properties/history.test.ts";
// oxlint-disable-next-line import/no-unassigned-import -- its tests are what is wanted
import "../properties/liveness.test.ts";
// oxlint-disable-next-line import/no-unassigned-import -- its tests are what is wanted
import "../properties/promises.test.ts";
// oxlint-disable-next-line import/no-unassigned-import -- its tests are what is wanted
import "../properties/ramp-ends.test.ts";
// oxlint-disable-next-line import/no-unassigned-import -- its tests are what is wanted
import "../properties/ramps.test.ts";
// oxlint-disable-next-line import/no-unassigned-import -- its tests are what is wanted
import "../properties/site-budgets.test.ts";
// oxlint-disable-next-line import/no-unassigned-import -- its tests are what is wanted
import "../properties/transfers.test.ts";
