/* One cycle, step by step, each integrated with error control to its cut-off.
 *
 * The algorithm of exact_cycle.py, line by line; the explanations stand there. Before it stand the
 * functions of one circuit (`start`, `settle`, `step`) as CasADi writes them, and the constants that
 * both forms share. */

enum { FINISHED_BY_TIME, CUT_OFF, SKIPPED, CUT_OFF_NOT_REACHED, SOLVER_FAILURE, FIRST_EVENT };
enum { VOLTAGE, CURRENT, ABSOLUTE_CURRENT };
enum { MONITOR, SIGN, VALUE, SCALE, CUT_OFF_WIDTH };

typedef struct {
    const double *parameters, *control, *cut_offs;
    int number_of_cut_offs;
    double tolerance, duration, has_time_limit, h, rate, move;
    double x[UNKNOWNS], fresh[UNKNOWNS];
    double here[EVENTS + 3], ahead[EVENTS + 2]; /* voltage, events, then row and slope, or error */
} Circuit;

static double smaller(double a, double b) { return a < b ? a : b; }
static double larger(double a, double b) { return a > b ? a : b; }

static void look(Circuit *c) {
    const double *given[CIRCUIT_START_ARGUMENTS] = {c->x, c->parameters, c->control};
    double *found[CIRCUIT_START_RESULTS] = {c->here};
    double work[CIRCUIT_START_WORK + 1];
    circuit_start(given, found, 0, work, 0);
}

static void relax(Circuit *c) {
    const double *given[CIRCUIT_SETTLE_ARGUMENTS] = {c->x, c->parameters, c->control, &c->rate, &c->tolerance};
    double *found[CIRCUIT_SETTLE_RESULTS] = {c->fresh, &c->move};
    double work[CIRCUIT_SETTLE_WORK + 1];
    circuit_settle(given, found, 0, work, 0);
}

static void try_step(Circuit *c, double h) {
    const double *given[CIRCUIT_STEP_ARGUMENTS] = {c->x, c->parameters, c->control, &c->h, &c->tolerance};
    double *found[CIRCUIT_STEP_RESULTS] = {c->fresh, c->ahead};
    double work[CIRCUIT_STEP_WORK + 1];
    c->h = h;
    circuit_step(given, found, 0, work, 0);
}

static double cut_off_gap(const Circuit *c, const double *x, const double *monitors) {
    const double current = x[UNKNOWNS - 1];
    const double watched[] = {monitors[0], current, fabs(current)};
    double nearest = INFINITY;
    for (int k = 0; k < c->number_of_cut_offs; ++k) {
        const double *own = c->cut_offs + k * CUT_OFF_WIDTH;
        nearest = smaller(own[SIGN] * (watched[(int)own[MONITOR]] - own[VALUE]) / own[SCALE], nearest);
    }
    return nearest;
}

static int nearest_event(const double *monitors) {
    int nearest = 0;
    for (int k = 1; k < EVENTS; ++k)
        if (monitors[1 + k] < monitors[1 + nearest]) nearest = k;
    return nearest;
}

static double event_gap(const double *monitors) {
    for (int k = 0; k < EVENTS; ++k)
        if (isnan(monitors[1 + k])) return NAN;
    return monitors[1 + nearest_event(monitors)];
}

static double gap_of(const Circuit *c, const double *x, const double *monitors) {
    const double cut_off = cut_off_gap(c, x, monitors), event = event_gap(monitors);
    return isnan(cut_off) || isnan(event) ? NAN : smaller(cut_off, event);
}

static int consistent(Circuit *c) {
    const double target = c->control[CONTROL_WIDTH - 1];
    for (int trial = 0; trial < MOST_CURRENT_TRIALS; ++trial) {
        look(c);
        const double row = c->here[EVENTS + 1], slope = c->here[EVENTS + 2];
        if (!isfinite(row)) return 0;
        if (fabs(row) <= CURRENT_TOLERANCE * larger(1.0, fabs(target))) return 1;
        if (slope == 0) return 0;
        c->x[UNKNOWNS - 1] -= row / slope;
    }
    return 0;
}

static int settled(Circuit *c) {
    double before[UNKNOWNS];
    memcpy(before, c->x, sizeof before);
    c->rate = larger(FAST_RATE, FAST_SHARE / c->duration);
    for (int trial = 0; trial < MOST_SETTLING; ++trial) {
        relax(c);
        if (!isfinite(c->move)) break;
        memcpy(c->x, c->fresh, sizeof c->x);
        if (c->move <= SETTLED) {
            if (consistent(c) && gap_of(c, c->x, c->here) > 0) return 1;
            break;
        }
    }
    memcpy(c->x, before, sizeof before);
    consistent(c);
    return 0;
}

static void accept_step(Circuit *c) {
    memcpy(c->x, c->fresh, sizeof c->x);
    memcpy(c->here, c->ahead, (1 + EVENTS) * sizeof(double));
}

static int locate(Circuit *c, double *elapsed, double low_gap, double slope, double high,
                  double high_gap) {
    double a = high, gap_a = high_gap, b = 0, gap_b = low_gap, third, gap_third;
    double share = low_gap < slope * high ? 1 - low_gap / (slope * high) : gap_a / (gap_a - gap_b);
    for (int trial = 0; trial < MOST_TRIALS; ++trial) {
        if (fabs(gap_a) <= CUT_OFF_TOLERANCE || fabs(b - a) <= NARROWEST * high) break;
        try_step(c, a + smaller(larger(share, LEAST_SHARE), 1 - LEAST_SHARE) * (b - a));
        const double gap = gap_of(c, c->fresh, c->ahead);
        third = a;
        gap_third = gap_a;
        if ((gap > 0) != (gap_a > 0)) {
            third = b;
            gap_third = gap_b;
            b = a;
            gap_b = gap_a;
        }
        a = c->h;
        gap_a = gap;
        const double place = (a - b) / (third - b), height = (gap_a - gap_b) / (gap_third - gap_b);
        share = 0.5;
        if (height * height < place && (1 - height) * (1 - height) < 1 - place) {
            share = gap_a / (gap_b - gap_a) * gap_third / (gap_b - gap_third);
            share += (third - a) / (b - a) * gap_a / (gap_third - gap_a) * gap_b / (gap_third - gap_b);
        }
    }
    if (gap_a > CUT_OFF_TOLERANCE) try_step(c, b);
    const double cut_off = cut_off_gap(c, c->fresh, c->ahead), event = event_gap(c->ahead);
    accept_step(c);
    *elapsed += c->h;
    return cut_off <= larger(CUT_OFF_TOLERANCE, event) ? CUT_OFF : FIRST_EVENT + nearest_event(c->here);
}

static int integrate(Circuit *c, double h, double *elapsed) {
    double gap = gap_of(c, c->x, c->here), slope = 0, h_before, error_before = 1;
    int rejected = 0;
    h_before = h = smaller(h, c->duration);
    for (int trial = 0; trial < MOST_STEPS; ++trial) {
        try_step(c, h);
        double error = c->ahead[EVENTS + 1];
        const double new_gap = gap_of(c, c->fresh, c->ahead);
        if (!(error <= 1 && isfinite(new_gap))) {
            const double shrinkage = error > 1 && isfinite(error) ? SAFETY * pow(error, EXPONENT) : 0;
            h *= larger(SMALLEST_SHRINKAGE, shrinkage);
            rejected = 1;
            if (h < SMALLEST_STEP) break;
            continue;
        }
        if (new_gap <= 0) return locate(c, elapsed, gap, slope, h, new_gap);
        *elapsed += h;
        slope = (gap - new_gap) / h;
        gap = new_gap;
        accept_step(c);
        if (c->duration - *elapsed <= LAST_MOMENT * c->duration)
            return c->has_time_limit ? FINISHED_BY_TIME : CUT_OFF_NOT_REACHED;
        error = larger(error, SMALLEST_ERROR);
        double growth = SAFETY * pow(error, EXPONENT);
        growth *= smaller(1, h / h_before * pow(error / error_before, EXPONENT));
        growth = smaller(growth, rejected ? 1 : LARGEST_GROWTH);
        h_before = h;
        error_before = error;
        rejected = 0;
        h = smaller(h * larger(growth, SMALLEST_SHRINKAGE), c->duration - *elapsed);
    }
    return SOLVER_FAILURE;
}

static int run(Circuit *c, double *elapsed) {
    c->x[UNKNOWNS - 1] = c->control[0] ? c->control[CONTROL_WIDTH - 1] : 0;
    if (!consistent(c)) return SOLVER_FAILURE;
    if (cut_off_gap(c, c->x, c->here) <= 0) return SKIPPED;
    if (event_gap(c->here) <= 0) return FIRST_EVENT + nearest_event(c->here);
    return integrate(c, settled(c) ? FIRST_STEP : FIRST_RELAXING_STEP, elapsed);
}

/* Solve a cycle from the states `y`; returns how many steps began. `plans` (steps, width) holds
 * their numbers, `ends` (steps, UNKNOWNS + 2) takes state, current, duration and voltage. */
int exact_cycle(const double *y, const double *parameters, double tolerance, int steps, int width,
                const double *plans, const int *cut_offs, double *ends, int *reasons) {
    Circuit c = {.parameters = parameters, .tolerance = tolerance};
    memcpy(c.x, y, (UNKNOWNS - 1) * sizeof(double));
    for (int k = 0; k < steps; ++k) {
        const double *plan = plans + k * width;
        double *end = ends + k * (UNKNOWNS + 2), elapsed = 0;
        c.control = plan;
        c.duration = plan[CONTROL_WIDTH];
        c.has_time_limit = plan[CONTROL_WIDTH + 1];
        c.cut_offs = plan + CONTROL_WIDTH + 2;
        c.number_of_cut_offs = cut_offs[k];
        reasons[k] = run(&c, &elapsed);
        memcpy(end, c.x, sizeof c.x);
        end[UNKNOWNS] = elapsed;
        end[UNKNOWNS + 1] = c.here[0];
        if (reasons[k] > SKIPPED) return k + 1;
    }
    return steps;
}
