-- One row per object that GitHub counts and that we hold whole, with when it was made there and first read here.
{% for stream in ['github_pull_requests', 'github_deployments', 'github_releases'] %}
    select
        '{{ stream }}' as stream,
        (payload ->> 'repository_id')::bigint as repository_id,
        natural_key,
        (payload ->> 'created_at')::timestamptz as created_at,
        first_seen_at
    from {{ source('raw', stream) }}
    where not deleted
    {% if not loop.last %}union all{% endif %}
{% endfor %}
