/**
 * The properties of random histories, for as long as `ERTIS_SOAK_RUNS` asks (histories a test) and
 * from the seed `ERTIS_SEED`; a failure prints the seed and path that show it again.
 */
import "../properties/history.test.ts";
import "../properties/liveness.test.ts";
