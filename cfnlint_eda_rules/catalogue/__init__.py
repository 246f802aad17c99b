"""What is known of AWS, as data: resource types, operations, policies, events. A new service is a
row here.
"""
