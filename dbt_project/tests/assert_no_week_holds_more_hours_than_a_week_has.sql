-- Weeks of a person that cannot be: more than 168 hours in meetings and focus together, or in working hours; a share
-- above 100 %; more days than seven; more turns answered than there were.
select
    efficiency.user_id,
    efficiency.week_start
from {{ ref('space_efficiency') }} as efficiency
left join {{ ref('space_collaboration') }} as collaboration
    on
        efficiency.user_id = collaboration.user_id
        and efficiency.week_start = collaboration.week_start
where
    efficiency.meeting_hours + efficiency.focus_hours > 168
    or efficiency.available_hours > 168
    or efficiency.deep_work_pct not between 0 and 100.0001
    or efficiency.known_days > 7
    or collaboration.turns_in_time_count > collaboration.turns_count
