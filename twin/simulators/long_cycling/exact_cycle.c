/* Cycles of many circuits, step by step, each integrated with error control to its cut-off.
 *
 * The algorithm of exact_cycle.py, where the explanations stand, turned inside out: each circuit proposes
 * a step in time, LANES of them are tried side by side, and each judges what became of its own. Before it
 * stand the functions of one structure of circuit: `circuit_start` and `circuit_settle` of one circuit as
 * CasADi writes them, `circuit_step` and `circuit_record` of LANES, and the constants that both forms share. */

enum { TO_TRY = -1, FINISHED_BY_TIME, CUT_OFF, SKIPPED, CUT_OFF_NOT_REACHED, SOLVER_FAILURE, FIRST_EVENT };
enum { VOLTAGE, CURRENT, ABSOLUTE_CURRENT };
enum { MONITOR, SIGN, VALUE, SCALE, CUT_OFF_WIDTH };
enum { INTEGRATING, LANDING };

typedef struct {
    /* a cycle to solve, and where its ends go */
    const double *y, *parameters, *plans;
    const int *cut_offs;
    int steps, width;
    double *ends;
    int *reasons;
} Cycle;

typedef struct {
    lanes x[UNKNOWNS], parameters[PARAMETERS], control[CONTROL_WIDTH], h, tolerance;
    lanes fresh[UNKNOWNS], ahead[EVENTS + 2], bends[2 * UNKNOWNS];
    const double *parameters_of[LANES];
} Trial;

typedef struct {
    Cycle cycle;
    const Trial *trial;
    int lane, step, busy;
    const double *control, *own_cut_offs;
    int number_of_cut_offs;
    double duration, has_time_limit, tolerance;
    double x[UNKNOWNS], fresh[UNKNOWNS];
    double here[EVENTS + 3], ahead[EVENTS + 2]; /* voltage, events, then row and slope, or error */
    int phase, trials, landings, rejected;
    double h, elapsed, gap, h_before, error_before;
    double far[UNKNOWNS], bends[2 * UNKNOWNS], far_gap, far_h, aim; /* what lies beyond a crossing */
} Circuit;

static double smaller(double a, double b) { return a < b ? a : b; }
static double larger(double a, double b) { return a > b ? a : b; }

static void look(const Circuit *c, const double *x, double *monitors) {
    const double *given[CIRCUIT_START_ARGUMENTS] = {x, c->cycle.parameters, c->control};
    double *found[CIRCUIT_START_RESULTS] = {monitors};
    double work[CIRCUIT_START_WORK + 1];
    circuit_start(given, found, 0, work, 0);
}

static double relax(Circuit *c, double rate) {
    double move;
    const double *given[CIRCUIT_SETTLE_ARGUMENTS] = {c->x, c->cycle.parameters, c->control, &rate,
                                                     &c->tolerance};
    double *found[CIRCUIT_SETTLE_RESULTS] = {c->fresh, &move};
    double work[CIRCUIT_SETTLE_WORK + 1];
    circuit_settle(given, found, 0, work, 0);
    return move;
}

static double cut_off_gap(const Circuit *c, const double *x, const double *monitors) {
    const double current = x[UNKNOWNS - 1];
    const double watched[] = {monitors[0], current, fabs(current)};
    double nearest = INFINITY;
    for (int k = 0; k < c->number_of_cut_offs; ++k) {
        const double *own = c->own_cut_offs + k * CUT_OFF_WIDTH;
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
        look(c, c->x, c->here);
        const double row = c->here[EVENTS + 1], slope = c->here[EVENTS + 2];
        if (!isfinite(row)) return 0;
        if (fabs(row) <= CURRENT_TOLERANCE * larger(1.0, fabs(target))) return 1;
        if (slope == 0) return 0;
        c->x[UNKNOWNS - 1] -= row / slope;
    }
    return 0;
}

static int settled(Circuit *c) {
    const double rate = larger(FAST_RATE, FAST_SHARE / c->duration);
    double before[UNKNOWNS];
    memcpy(before, c->x, sizeof before);
    for (int trial = 0; trial < MOST_SETTLING; ++trial) {
        const double move = relax(c, rate);
        if (!isfinite(move)) break;
        memcpy(c->x, c->fresh, sizeof c->x);
        if (move <= SETTLED) {
            if (consistent(c) && gap_of(c, c->x, c->here) > 0) return 1;
            break;
        }
    }
    memcpy(c->x, before, sizeof before);
    consistent(c);
    return 0;
}

static void accept_trial(Circuit *c) {
    memcpy(c->x, c->fresh, sizeof c->x);
    memcpy(c->here, c->ahead, (1 + EVENTS) * sizeof(double));
}

static int land(Circuit *c) {
    const double cut_off = cut_off_gap(c, c->fresh, c->ahead), event = event_gap(c->ahead);
    accept_trial(c);
    c->elapsed += c->h;
    return cut_off <= larger(CUT_OFF_TOLERANCE, event) ? CUT_OFF : FIRST_EVENT + nearest_event(c->here);
}

static double gap_at(const Circuit *c, double share) {
    double x[UNKNOWNS], monitors[EVENTS + 3];
    for (int i = 0; i < UNKNOWNS; ++i) {
        const double bend = c->bends[i] + share * c->bends[UNKNOWNS + i];
        x[i] = (1 - share) * c->x[i] + share * (c->far[i] + (1 - share) * bend);
    }
    look(c, x, monitors);
    return gap_of(c, x, monitors);
}

static double crossing(const Circuit *c) {
    double a = 1, gap_a = c->far_gap - c->aim, b = 0, gap_b = c->gap - c->aim, third, gap_third;
    double share = gap_a / (gap_a - gap_b);
    for (int trial = 0; trial < MOST_TRIALS && fabs(b - a) > NARROWEST; ++trial) {
        const double at = a + smaller(larger(share, LEAST_SHARE), 1 - LEAST_SHARE) * (b - a);
        const double gap = gap_at(c, at) - c->aim;
        third = a;
        gap_third = gap_a;
        if ((gap > 0) != (gap_a > 0)) {
            third = b;
            gap_third = gap_b;
            b = a;
            gap_b = gap_a;
        }
        a = at;
        gap_a = gap;
        if (fabs(gap_a) <= LANDING_SHARE * CUT_OFF_TOLERANCE) break;
        const double place = (a - b) / (third - b), height = (gap_a - gap_b) / (gap_third - gap_b);
        share = 0.5;
        if (height * height < place && (1 - height) * (1 - height) < 1 - place) {
            share = gap_a / (gap_b - gap_a) * gap_third / (gap_b - gap_third);
            share += (third - a) / (b - a) * gap_a / (gap_third - gap_a) * gap_b / (gap_third - gap_b);
        }
    }
    return a;
}

static int aim(Circuit *c) {
    if (c->landings++ < MOST_LANDINGS && c->far_gap < c->aim && c->aim < c->gap) {
        c->phase = LANDING;
        c->h = crossing(c) * c->far_h;
    } else {
        c->phase = INTEGRATING;
        c->h = c->far_h / 2;
        c->rejected = 1;
    }
    return TO_TRY;
}

static int locate(Circuit *c, double far_gap) {
    memcpy(c->far, c->fresh, sizeof c->far);
    for (int i = 0; i < 2 * UNKNOWNS; ++i) c->bends[i] = LANE(c->trial->bends[i], c->lane);
    c->far_gap = far_gap;
    c->far_h = c->h;
    c->aim = c->landings = 0;
    if (far_gap >= -CUT_OFF_TOLERANCE) return land(c);
    return aim(c);
}

static int approach(Circuit *c) {
    const double gap = gap_of(c, c->fresh, c->ahead);
    if (fabs(gap) <= CUT_OFF_TOLERANCE) return land(c);
    c->aim -= gap;
    return aim(c);
}

static int integrate(Circuit *c) {
    double error = c->ahead[EVENTS + 1];
    const double new_gap = gap_of(c, c->fresh, c->ahead);
    const int last_trial = ++c->trials >= MOST_STEPS;
    if (!(error <= 1 && isfinite(new_gap))) {
        const double shrinkage = error > 1 && isfinite(error) ? SAFETY * pow(error, EXPONENT) : 0;
        c->h *= larger(SMALLEST_SHRINKAGE, shrinkage);
        c->rejected = 1;
        return c->h < SMALLEST_STEP || last_trial ? SOLVER_FAILURE : TO_TRY;
    }
    if (new_gap <= 0) return locate(c, new_gap);
    c->elapsed += c->h;
    c->gap = new_gap;
    accept_trial(c);
    if (c->duration - c->elapsed <= LAST_MOMENT * c->duration)
        return c->has_time_limit ? FINISHED_BY_TIME : CUT_OFF_NOT_REACHED;
    error = larger(error, SMALLEST_ERROR);
    double growth = SAFETY * pow(error, EXPONENT);
    growth *= smaller(1, c->h / c->h_before * pow(error / c->error_before, EXPONENT));
    growth = smaller(growth, c->rejected ? 1 : LARGEST_GROWTH);
    c->h_before = c->h;
    c->error_before = error;
    c->rejected = 0;
    c->h = smaller(c->h * larger(growth, SMALLEST_SHRINKAGE), c->duration - c->elapsed);
    return last_trial ? SOLVER_FAILURE : TO_TRY;
}

static int begin_step(Circuit *c) {
    const double *plan = c->cycle.plans + c->step * c->cycle.width;
    c->control = plan;
    c->duration = plan[CONTROL_WIDTH];
    c->has_time_limit = plan[CONTROL_WIDTH + 1];
    c->own_cut_offs = plan + CONTROL_WIDTH + 2;
    c->number_of_cut_offs = c->cycle.cut_offs[c->step];
    c->elapsed = 0;
    c->x[UNKNOWNS - 1] = c->control[0] ? c->control[CONTROL_WIDTH - 1] : 0;
    if (!consistent(c)) return SOLVER_FAILURE;
    if (cut_off_gap(c, c->x, c->here) <= 0) return SKIPPED;
    if (event_gap(c->here) <= 0) return FIRST_EVENT + nearest_event(c->here);
    c->h = c->h_before = smaller(settled(c) ? FIRST_STEP : FIRST_RELAXING_STEP, c->duration);
    c->gap = gap_of(c, c->x, c->here);
    c->phase = INTEGRATING;
    c->trials = c->rejected = 0;
    c->error_before = 1;
    return TO_TRY;
}

static int judge(Circuit *c) { return c->phase == INTEGRATING ? integrate(c) : approach(c); }

/* On to the next trial, over the ends of steps: `reason` is that of the present step, or TO_TRY. */
static void proceed(Circuit *c, int reason) {
    while (reason != TO_TRY) {
        double *end = c->cycle.ends + c->step * (UNKNOWNS + 2);
        memcpy(end, c->x, sizeof c->x);
        end[UNKNOWNS] = c->elapsed;
        end[UNKNOWNS + 1] = c->here[0];
        c->cycle.reasons[c->step] = reason;
        c->busy = reason <= SKIPPED && ++c->step < c->cycle.steps;
        if (!c->busy) return;
        reason = begin_step(c);
    }
}

static void begin_cycle(Circuit *c, double tolerance) {
    c->tolerance = tolerance;
    c->step = 0;
    c->busy = 1;
    memcpy(c->x, c->cycle.y, (UNKNOWNS - 1) * sizeof(double));
    proceed(c, begin_step(c));
}

static void put(Trial *t, int k, const Circuit *c) {
    for (int i = 0; i < UNKNOWNS; ++i) LANE(t->x[i], k) = c->x[i];
    for (int i = 0; i < CONTROL_WIDTH; ++i) LANE(t->control[i], k) = c->control[i];
    LANE(t->h, k) = c->h;
    if (t->parameters_of[k] == c->cycle.parameters) return;
    for (int i = 0; i < PARAMETERS; ++i) LANE(t->parameters[i], k) = c->cycle.parameters[i];
    t->parameters_of[k] = c->cycle.parameters;
}

static void take(const Trial *t, int k, Circuit *c) {
    for (int i = 0; i < UNKNOWNS; ++i) c->fresh[i] = LANE(t->fresh[i], k);
    for (int i = 0; i < EVENTS + 2; ++i) c->ahead[i] = LANE(t->ahead[i], k);
}

/* Solve cycles of `count` circuits. Over circuits: states `y` (UNKNOWNS - 1), `parameters`, how many
 * `steps` there are, `plans` (most_steps, width), how many `cut_offs` each step has; `ends`
 * (most_steps, UNKNOWNS + 2) take state, current, duration and voltage, `reasons` (most_steps) why a
 * step ended, and stay as they are where it never began. */
void exact_cycles(int count, int most_steps, int width, double tolerance, const double *y,
                  const double *parameters, const int *steps, const double *plans, const int *cut_offs,
                  double *ends, int *reasons) {
    Circuit circuits[LANES];
    Trial trial = {.tolerance = all(tolerance), .parameters_of = {NULL}};
    for (int k = 0; k < LANES; ++k) circuits[k] = (Circuit){.trial = &trial, .lane = k};
    for (int next = 0;;) {
        const Circuit *any = NULL;
        for (int k = 0; k < LANES; ++k) {
            Circuit *c = &circuits[k];
            for (; !c->busy && next < count; ++next) {
                const int row = next * most_steps;
                c->cycle = (Cycle){y + next * (UNKNOWNS - 1), parameters + next * PARAMETERS,
                                   plans + row * width,       cut_offs + row,
                                   steps[next],               width,
                                   ends + row * (UNKNOWNS + 2), reasons + row};
                begin_cycle(c, tolerance);
            }
            if (c->busy) any = c;
        }
        if (!any) return;
        /* a lane without a circuit does what another one does: its numbers stay in bounds */
        for (int k = 0; k < LANES; ++k) put(&trial, k, circuits[k].busy ? &circuits[k] : any);
        circuit_step(trial.x, trial.parameters, trial.control, &trial.h, &trial.tolerance, trial.fresh,
                     trial.ahead, trial.bends);
        for (int k = 0; k < LANES; ++k)
            if (circuits[k].busy) {
                take(&trial, k, &circuits[k]);
                proceed(&circuits[k], judge(&circuits[k]));
            }
    }
}

/* What a circuit records at `count` of its states `x` (UNKNOWNS), into `values` (RECORDED). */
void recorded(int count, const double *parameters, const double *x, double *values) {
    lanes own[UNKNOWNS], p[PARAMETERS], found[RECORDED];
    for (int i = 0; i < PARAMETERS; ++i) p[i] = all(parameters[i]);
    for (int first = 0; first < count; first += LANES) {
        const int last = count - first < LANES ? count - first - 1 : LANES - 1;
        for (int k = 0; k < LANES; ++k)
            for (int i = 0; i < UNKNOWNS; ++i)
                LANE(own[i], k) = x[(first + (k < last ? k : last)) * UNKNOWNS + i];
        circuit_record(own, p, found);
        for (int k = 0; k <= last; ++k)
            for (int i = 0; i < RECORDED; ++i) values[(first + k) * RECORDED + i] = LANE(found[i], k);
    }
}
