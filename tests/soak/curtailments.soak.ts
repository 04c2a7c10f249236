/**
 * Random curtailments: nested, overlapping, cancelled, during ramps, with lost supplies and silent or
 * lost nodes, over jobs of all tiers that cap, shrink and pause. For as long as `ERTIS_SOAK_RUNS` asks
 * (histories a test) and from the seed `ERTIS_SEED`; a failure prints the seed and path that show it again.
 */
// oxlint-disable-next-line import/no-unassigned-import -- its tests are what is wanted
import "../../packages/scheduler-engine/src/decide/curtailments.property.test.ts";
