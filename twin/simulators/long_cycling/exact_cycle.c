/* Cycles of many circuits, protocol step by protocol step, each integrated with error control to its end.
 *
 * The algorithm of exact_cycle.py: the same functions in the same order, and the explanations stand there.
 * What differs is that LANES circuits are tried side by side. Before this file `native` writes the numbers
 * of step_control, the enumerations of step_codes, and the functions of one structure of circuit:
 * `circuit_start` and `circuit_settle` of one circuit, as CasADi writes them, `circuit_step` and
 * `circuit_record` of LANES. */

enum { INTEGRATING, LANDING };

typedef struct {
    /* a cycle to solve, and where its ends go */
    const double *y, *parameters, *plans;
    const int *rows, *cut_offs; /* of each step: the row of its parameters, how many cut-offs it has */
    int steps, width;
    double *ends;
    int *reasons;
} Cycle;

typedef struct {
    /* a step of LANES circuits: what is given, what is found */
    lanes x[UNKNOWNS], parameters[PARAMETERS], control[CONTROL_WIDTH], h, tolerance;
    lanes fresh[UNKNOWNS], ahead[EVENTS + 2], bends[2 * UNKNOWNS];
    const double *parameters_of[LANES];
} Trial;

typedef struct {
    Cycle cycle;
    const Trial *trial;
    int lane, step, busy;
    /* the protocol step */
    const double *parameters, *control, *own_cut_offs;
    int number_of_cut_offs;
    double duration, has_time_limit, tolerance, charge_before;
    /* where the circuit is, and where the trial leads: states and current; voltage and events, then what
     * circuit_start and circuit_step add (control row and slope; error) */
    double x[UNKNOWNS], fresh[UNKNOWNS];
    double here[EVENTS + 3], ahead[EVENTS + 2];
    /* the control of the size of a step */
    int phase, trials, rejected;
    double h, elapsed, gap, h_before, error_before;
    /* the step that crossed its end, and the landings before the crossing */
    double far[UNKNOWNS], bends[2 * UNKNOWNS], far_gap, far_h, target;
    int landings;
} Circuit;

static double smaller(double a, double b) { return a < b ? a : b; }
static double larger(double a, double b) { return a > b ? a : b; }

static void look(const Circuit *c, const double *x, double *monitors) {
    const double *given[CIRCUIT_START_ARGUMENTS] = {x, c->parameters, c->control};
    double *found[CIRCUIT_START_RESULTS] = {monitors};
    double work[CIRCUIT_START_WORK + 1];
    circuit_start(given, found, 0, work, 0);
}

static double relax(Circuit *c, double rate) {
    double move;
    const double *given[CIRCUIT_SETTLE_ARGUMENTS] = {c->x, c->parameters, c->control, &rate,
                                                     &c->tolerance};
    double *found[CIRCUIT_SETTLE_RESULTS] = {c->fresh, &move};
    double work[CIRCUIT_SETTLE_WORK + 1];
    circuit_settle(given, found, 0, work, 0);
    return move;
}

/* --- How far the end of the protocol step is --------------------------------------------------------- */

static double cut_off_gap(const Circuit *c, const double *x, const double *monitors) {
    const double current = x[UNKNOWNS - 1];
    const double watched[] = {[VOLTAGE] = monitors[0],
                              [CURRENT] = current,
                              [ABSOLUTE_CURRENT] = fabs(current),
                              [CHARGE] = fabs(x[NET_CAPACITY_PLACE] - c->charge_before),
                              [STATE_OF_CHARGE] = x[SOC_PLACE]};
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

static double end_gap(const Circuit *c, const double *x, const double *monitors) {
    const double cut_off = cut_off_gap(c, x, monitors), event = event_gap(monitors);
    return isnan(cut_off) || isnan(event) ? NAN : smaller(cut_off, event);
}

/* --- Where a protocol step begins --------------------------------------------------------------------- */

static int guess_current(Circuit *c) {
    double *current = &c->x[UNKNOWNS - 1], at_one[EVENTS + 3];
    *current = 1;
    look(c, c->x, at_one);
    *current = 0;
    look(c, c->x, c->here);
    const double row = c->here[EVENTS + 1], slope = c->here[EVENTS + 2];
    if (row == 0) return 1;
    const double square = slope * slope - 2 * (at_one[EVENTS + 2] - slope) * row;
    if (square < 0) return 0;
    const double root = sqrt(square), divisor = slope > LEAST_SLOPE * root ? slope + root : slope - root;
    *current = divisor ? -2 * row / divisor : NAN;
    return 1;
}

static int find_current(Circuit *c) {
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

static int settle(Circuit *c) {
    const double rate = larger(FAST_RATE, FAST_SHARE / c->duration);
    double before[UNKNOWNS];
    memcpy(before, c->x, sizeof before);
    for (int trial = 0; trial < MOST_SETTLING; ++trial) {
        const double move = relax(c, rate);
        if (!isfinite(move)) break;
        memcpy(c->x, c->fresh, sizeof c->x);
        if (move <= SETTLED) {
            const int settled = find_current(c) && end_gap(c, c->x, c->here) > 0;
            if (settled && fabs(before[UNKNOWNS - 1]) <= LARGEST_SURGE * fabs(c->x[UNKNOWNS - 1])) return 1;
            break;
        }
    }
    memcpy(c->x, before, sizeof before);
    find_current(c);
    return 0;
}

/* --- Where a step crosses the end --------------------------------------------------------------------- */

static void accept_trial(Circuit *c) {
    memcpy(c->x, c->fresh, sizeof c->x);
    memcpy(c->here, c->ahead, (1 + EVENTS) * sizeof(double));
    c->elapsed += c->h;
}

static int accept_end(Circuit *c) {
    const double cut_off = cut_off_gap(c, c->fresh, c->ahead), event = event_gap(c->ahead);
    accept_trial(c);
    return cut_off <= larger(CUT_OFF_TOLERANCE, event) ? CUT_OFF : FIRST_EVENT + nearest_event(c->here);
}

static double gap_at(const Circuit *c, double share) {
    double x[UNKNOWNS], monitors[EVENTS + 3];
    for (int i = 0; i < UNKNOWNS; ++i) {
        const double bend = c->bends[i] + share * c->bends[UNKNOWNS + i];
        x[i] = (1 - share) * c->x[i] + share * (c->far[i] + (1 - share) * bend);
    }
    look(c, x, monitors);
    return end_gap(c, x, monitors);
}

static double chandrupatla(const Circuit *circuit) {
    double a = 1, f_a = circuit->far_gap - circuit->target; /* the latest point */
    double b = 0, f_b = circuit->gap - circuit->target;     /* on the other side of the root */
    double c, f_c;                                          /* the one before */
    double share = f_a / (f_a - f_b);
    for (int trial = 0; trial < MOST_TRIALS && fabs(b - a) > NARROWEST; ++trial) {
        const double at = a + smaller(larger(share, LEAST_SHARE), 1 - LEAST_SHARE) * (b - a);
        const double f_at = gap_at(circuit, at) - circuit->target;
        c = a;
        f_c = f_a;
        if ((f_at > 0) != (f_a > 0)) {
            c = b;
            f_c = f_b;
            b = a;
            f_b = f_a;
        }
        a = at;
        f_a = f_at;
        if (fabs(f_a) <= LANDING_SHARE * CUT_OFF_TOLERANCE) break;
        const double xi = (a - b) / (c - b), phi = (f_a - f_b) / (f_c - f_b);
        share = 0.5;
        if (phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi) {
            share = f_a / (f_b - f_a) * f_c / (f_b - f_c);
            share += (c - a) / (b - a) * f_a / (f_c - f_a) * f_b / (f_c - f_b);
        }
    }
    return a;
}

static int try_landing(Circuit *c) {
    if (c->landings++ < MOST_LANDINGS && c->far_gap < c->target && c->target < c->gap) {
        c->phase = LANDING;
        c->h = chandrupatla(c) * c->far_h;
    } else {
        c->phase = INTEGRATING;
        c->h = c->far_h / 2;
        c->rejected = 1;
    }
    return NOT_ENDED;
}

static int begin_landing(Circuit *c, double far_gap) {
    if (far_gap >= -CUT_OFF_TOLERANCE || c->h <= SHORTEST_MOMENT * c->elapsed) return accept_end(c);
    memcpy(c->far, c->fresh, sizeof c->far);
    for (int i = 0; i < 2 * UNKNOWNS; ++i) c->bends[i] = LANE(c->trial->bends[i], c->lane);
    c->far_gap = far_gap;
    c->far_h = c->h;
    c->target = c->landings = 0;
    return try_landing(c);
}

static int judge_landing(Circuit *c) {
    const double miss = end_gap(c, c->fresh, c->ahead);
    if (fabs(miss) <= CUT_OFF_TOLERANCE) return accept_end(c);
    c->target -= miss;
    return try_landing(c);
}

/* --- The integration, a trial at a time ----------------------------------------------------------------- */

static int judge_step(Circuit *c) {
    double error = c->ahead[EVENTS + 1];
    const double new_gap = end_gap(c, c->fresh, c->ahead);
    const int last_trial = ++c->trials >= MOST_STEPS;
    if (!(error <= 1 && isfinite(new_gap))) {
        const double shrinkage = error > 1 && isfinite(error) ? SAFETY * pow(error, EXPONENT) : 0;
        c->h *= larger(SMALLEST_SHRINKAGE, shrinkage);
        c->rejected = 1;
        return c->h < SMALLEST_STEP || last_trial ? SOLVER_FAILURE : NOT_ENDED;
    }
    if (new_gap <= 0) return begin_landing(c, new_gap);
    accept_trial(c);
    c->gap = new_gap;
    if (c->duration - c->elapsed <= LAST_MOMENT * c->duration)
        return c->has_time_limit ? TIME : CUT_OFF_NOT_REACHED;
    error = larger(error, SMALLEST_ERROR);
    double growth = SAFETY * pow(error, EXPONENT);
    growth *= smaller(LARGEST_TREND, c->h / c->h_before * pow(error / c->error_before, EXPONENT));
    growth = smaller(growth, c->rejected ? 1 : LARGEST_GROWTH);
    c->h_before = c->h;
    c->error_before = error;
    c->rejected = 0;
    c->h = smaller(c->h * larger(growth, SMALLEST_SHRINKAGE), c->duration - c->elapsed);
    return last_trial ? SOLVER_FAILURE : NOT_ENDED;
}

static int judge_trial(Circuit *c) { return c->phase == INTEGRATING ? judge_step(c) : judge_landing(c); }

static int begin_step(Circuit *c) {
    const double *plan = c->cycle.plans + c->step * c->cycle.width;
    c->parameters = c->cycle.parameters + c->cycle.rows[c->step] * PARAMETERS;
    c->control = plan;
    c->duration = plan[CONTROL_WIDTH];
    c->has_time_limit = plan[CONTROL_WIDTH + 1];
    c->own_cut_offs = plan + CONTROL_WIDTH + 2;
    c->number_of_cut_offs = c->cycle.cut_offs[c->step];
    c->charge_before = c->x[NET_CAPACITY_PLACE];
    c->elapsed = 0;
    if (!guess_current(c)) return FIRST_EVENT + EVENTS - 1; /* the largest power */
    if (!find_current(c)) return SOLVER_FAILURE;
    if (cut_off_gap(c, c->x, c->here) <= CUT_OFF_TOLERANCE) return SKIPPED;
    if (event_gap(c->here) <= 0) return FIRST_EVENT + nearest_event(c->here);
    c->h = c->h_before = smaller(settle(c) ? FIRST_STEP : FIRST_RELAXING_STEP, c->duration);
    c->gap = end_gap(c, c->x, c->here);
    c->phase = INTEGRATING;
    c->trials = c->rejected = 0;
    c->error_before = 1;
    return NOT_ENDED;
}

static void end_step(Circuit *c, int reason) {
    double *end = c->cycle.ends + c->step * (UNKNOWNS + 2);
    memcpy(end, c->x, sizeof c->x);
    end[UNKNOWNS] = c->elapsed;
    end[UNKNOWNS + 1] = c->here[0];
    c->cycle.reasons[c->step] = reason;
    ++c->step;
    c->busy = reason <= LAST_FINISHED && c->step < c->cycle.steps;
}

static void go_on(Circuit *c, int reason) {
    while (reason != NOT_ENDED) {
        end_step(c, reason);
        if (!c->busy) return;
        reason = begin_step(c);
    }
}

static void begin_cycle(Circuit *c, double tolerance) {
    c->tolerance = tolerance;
    c->step = 0;
    c->busy = 1;
    memcpy(c->x, c->cycle.y, (UNKNOWNS - 1) * sizeof(double));
    go_on(c, begin_step(c));
}

/* --- LANES circuits side by side ----------------------------------------------------------------------- */

/* A circuit's place in lane k of the trial. */
static void put(Trial *t, int k, const Circuit *c) {
    for (int i = 0; i < UNKNOWNS; ++i) LANE(t->x[i], k) = c->x[i];
    for (int i = 0; i < CONTROL_WIDTH; ++i) LANE(t->control[i], k) = c->control[i];
    LANE(t->h, k) = c->h;
    if (t->parameters_of[k] == c->parameters) return;
    for (int i = 0; i < PARAMETERS; ++i) LANE(t->parameters[i], k) = c->parameters[i];
    t->parameters_of[k] = c->parameters;
}

/* What became of the circuit in lane k. */
static void take(const Trial *t, int k, Circuit *c) {
    for (int i = 0; i < UNKNOWNS; ++i) c->fresh[i] = LANE(t->fresh[i], k);
    for (int i = 0; i < EVENTS + 2; ++i) c->ahead[i] = LANE(t->ahead[i], k);
}

/* Solve cycles of `count` circuits. `parameters` (row, PARAMETERS) are those of all circuits. Over
 * circuits: states `y` (UNKNOWNS - 1), the `rows` of the parameters of each step (most_steps), how many
 * `steps` there are, `plans` (most_steps, width), how many `cut_offs` each step has; `ends`
 * (most_steps, UNKNOWNS + 2) take state, current, duration and voltage, `reasons` (most_steps) why a
 * step ended, and stay as they are where it never began. */
void exact_cycles(int count, int most_steps, int width, double tolerance, const double *y,
                  const double *parameters, const int *rows, const int *steps, const double *plans,
                  const int *cut_offs, double *ends, int *reasons) {
    Circuit circuits[LANES];
    Trial trial = {.tolerance = all(tolerance), .parameters_of = {NULL}};
    for (int k = 0; k < LANES; ++k) circuits[k] = (Circuit){.trial = &trial, .lane = k};
    for (int next = 0;;) {
        const Circuit *any = NULL;
        for (int k = 0; k < LANES; ++k) {
            Circuit *c = &circuits[k];
            for (; !c->busy && next < count; ++next) {
                const int row = next * most_steps;
                c->cycle = (Cycle){y + next * (UNKNOWNS - 1),   parameters,
                                   plans + row * width,         rows + row,
                                   cut_offs + row,              steps[next],
                                   width,                       ends + row * (UNKNOWNS + 2),
                                   reasons + row};
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
                go_on(&circuits[k], judge_trial(&circuits[k]));
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
