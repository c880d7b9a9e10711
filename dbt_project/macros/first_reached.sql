{% macro first_reached_function() -%}
intermediate.first_reached
{%- endmacro %}

{#- Which of several starts, taken in order, first reaches each node of a graph. Each walk stops where an earlier one
    has been, so every node and edge is visited once, however many starts there are and however branches are woven.
    SQL's own recursion cannot do that: it remembers only its last step, so walks that begin at different deployments
    go over the same history again, which is quadratic.

    Nodes are 1..n; the parents of node c are p_parents[p_parents_before[c] + 1 .. p_parents_before[c + 1]]. -#}
{% macro create_first_reached() -%}
create or replace function {{ first_reached_function() }}(p_parents_before int [], p_parents int [], p_starts int [])
returns int []
language plpgsql
immutable strict
as $$
declare
    nodes_count int := cardinality(p_parents_before);
    ends int[] := p_parents_before[2:] || cardinality(p_parents);
    reached int[] := array_fill(0, array[nodes_count]);
    pending int[] := array_fill(0, array[nodes_count]);
    pending_count int := 0;
    node int;
    parent int;
begin
    for start_position in 1..cardinality(p_starts) loop
        node := p_starts[start_position];
        if reached[node] = 0 then
            reached[node] := start_position;
            pending_count := 1;
            pending[1] := node;
        end if;
        while pending_count > 0 loop
            node := pending[pending_count];
            pending_count := pending_count - 1;
            for edge in p_parents_before[node] + 1..ends[node] loop
                parent := p_parents[edge];
                if reached[parent] = 0 then
                    reached[parent] := start_position;
                    pending_count := pending_count + 1;
                    pending[pending_count] := parent;
                end if;
            end loop;
        end loop;
    end loop;
    return reached;
end
$$
{%- endmacro %}
