/**
 * The properties of random histories, for as long as `ERTIS_SOAK_RUNS` asks (histories a test) and
 * from the seed `ERTIS_SEED`; a failure prints the seed and path that show it again.
 */
// oxlint-disable-next-line import/no-unassigned-import -- its tests are what is wanted
import "../properties/history.test.ts";
// oxlint-disable-next-line import/no-unassigned-import -- its tests are what is wanted
import "../properties/liveness.test.ts";
