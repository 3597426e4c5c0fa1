/* Whether a queue grows on the way to a receiver: delay_trend.py, where each number is explained. */

#pragma once

#include <math.h>
#include <string.h>

enum { NORMAL, OVER, UNDER };
enum { WINDOW = 20, REFRESH = 256, MAX_WEIGHT = 60 };

static const double BURST_S = 0.005, MAX_CLUMP_S = 0.1, MAX_GAP_S = 3.0;
static const double SMOOTHING = 0.9, MIN_SPREAD = 1e-3, GAIN = 4.0;
static const double START_THRESHOLD = 12.5, MIN_THRESHOLD = 6.0, MAX_THRESHOLD = 600.0;
static const double K_UP = 0.0087, K_DOWN = 0.039, MAX_SPIKE = 15.0, MAX_STEP_MS = 100.0;
static const double OVERUSE_S = 0.010;

/* Slope of the least-squares line through the last WINDOW points, by running sums. The oldest
   point stands at `added` modulo WINDOW once there are WINDOW of them. */
typedef struct {
    double x[WINDOW], y[WINDOW];
    int count, added;
    double origin, sum_x, sum_y, sum_xx, sum_xy;
} slope_window;

typedef struct { double first_sent, last_sent, first_arrived, last_arrived; } burst;

typedef struct {
    int state, has_group, has_previous, has_adapted;
    burst group, previous;
    int weight;
    double delay_ms, smoothed_ms, slope, threshold, adapted_at, over_s;
    int over_count;
    slope_window points;
} delay_trend;

static void slope_refresh(slope_window *w, double x) {
    double moved = x - w->origin;
    w->origin = x;
    w->sum_x = w->sum_y = w->sum_xx = w->sum_xy = 0;
    int oldest = w->count < WINDOW ? 0 : w->added % WINDOW;
    for (int i = 0; i < w->count; i++) {
        int at = (oldest + i) % WINDOW;
        w->x[at] -= moved;
        w->sum_x += w->x[at];
        w->sum_y += w->y[at];
        w->sum_xx += w->x[at] * w->x[at];
        w->sum_xy += w->x[at] * w->y[at];
    }
}

static void slope_add(slope_window *w, double x, double y) {
    if (w->added % REFRESH == 0) slope_refresh(w, x);
    int at = w->added++ % WINDOW;
    double old_x = w->x[at], old_y = w->y[at];
    x -= w->origin;
    w->x[at] = x;
    w->y[at] = y;
    w->sum_x += x;
    w->sum_y += y;
    w->sum_xx += x * x;
    w->sum_xy += x * y;
    if (w->count < WINDOW) {
        w->count++;
        return;
    }
    w->sum_x -= old_x;
    w->sum_y -= old_y;
    w->sum_xx -= old_x * old_x;
    w->sum_xy -= old_x * old_y;
}

static double slope_of(const slope_window *w) {
    double spread = w->sum_xx - w->sum_x * w->sum_x / w->count;
    if (spread < MIN_SPREAD) return 0;
    return (w->sum_xy - w->sum_x * w->sum_y / w->count) / spread;
}

static void trend_begin(delay_trend *t) {
    memset(&t->points, 0, sizeof t->points);
    t->weight = t->over_count = 0;
    t->delay_ms = t->smoothed_ms = t->slope = t->over_s = 0;
    t->state = NORMAL;
}

static void trend_adapt(delay_trend *t, double trend_ms, double now) {
    double elapsed_ms = t->has_adapted ? (now - t->adapted_at) * 1000 : 0;
    t->has_adapted = 1;
    t->adapted_at = now;
    if (trend_ms > t->threshold + MAX_SPIKE) return;
    double rate = trend_ms < t->threshold ? K_DOWN : K_UP;
    double step_ms = fmax(0, fmin(elapsed_ms, MAX_STEP_MS));
    t->threshold += rate * (trend_ms - t->threshold) * step_ms;
    t->threshold = fmax(MIN_THRESHOLD, fmin(MAX_THRESHOLD, t->threshold));
}

static void trend_judge(delay_trend *t, double slope, double sent_s, double now) {
    double trend_ms = t->weight * slope * GAIN;
    if (trend_ms > t->threshold) {
        t->over_s += t->over_count ? sent_s : sent_s / 2;
        t->over_count++;
        if (t->over_s > OVERUSE_S && t->over_count > 1 && slope >= t->slope) {
            t->over_s = t->over_count = 0;
            t->state = OVER;
        }
    } else {
        t->over_s = t->over_count = 0;
        t->state = trend_ms < -t->threshold ? UNDER : NORMAL;
    }
    t->slope = slope;
    trend_adapt(t, fabs(trend_ms), now);
}

static void trend_compare(delay_trend *t, const burst *old, const burst *new) {
    double sent_s = new->last_sent - old->last_sent;
    double arrived_s = new->last_arrived - old->last_arrived;
    if (!(0 <= sent_s && sent_s < MAX_GAP_S && fabs(arrived_s) < MAX_GAP_S)) {
        trend_begin(t);
        return;
    }
    if (t->weight < MAX_WEIGHT) t->weight++;
    t->delay_ms += (arrived_s - sent_s) * 1000;
    t->smoothed_ms = SMOOTHING * t->smoothed_ms + (1 - SMOOTHING) * t->delay_ms;
    slope_add(&t->points, new->last_arrived * 1000, t->smoothed_ms);
    double slope = t->points.count == WINDOW ? slope_of(&t->points) : t->slope;
    trend_judge(t, slope, sent_s, new->last_arrived);
}

static int burst_takes(const burst *b, double sent_at, double arrived_at) {
    if (sent_at - b->first_sent <= BURST_S) return 1;
    double after_s = arrived_at - b->last_arrived;
    int is_faster = after_s < sent_at - b->last_sent;
    return is_faster && after_s <= BURST_S && arrived_at - b->first_arrived < MAX_CLUMP_S;
}

static void trend_receive(delay_trend *t, double sent_at, double arrived_at) {
    burst *group = &t->group, alone = {sent_at, sent_at, arrived_at, arrived_at};
    if (!t->has_group) {
        t->has_group = 1;
        *group = alone;
    } else if (sent_at < group->first_sent) {
        return;
    } else if (burst_takes(group, sent_at, arrived_at)) {
        group->last_sent = fmax(group->last_sent, sent_at);
        group->last_arrived = fmax(group->last_arrived, arrived_at);
    } else {
        if (t->has_previous) trend_compare(t, &t->previous, group);
        t->has_previous = 1;
        t->previous = *group;
        *group = alone;
    }
}
